"""What `innohub doctor` looks at: each look tells what it found, and how to mend what is wrong."""
