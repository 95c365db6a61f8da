"""The wall from outside: how it is built, kept warm, probed and used."""
