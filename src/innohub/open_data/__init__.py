"""Open contracting data: what strangers may read of the market, told in the words of OCDS 1.1."""
