"""Every query of the dashboard and the alerts, asked of a cluster under load. See README.md."""

from dashboard.command import main

if __name__ == "__main__":
    main()
