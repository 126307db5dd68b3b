"""The command line: argv -> one library call -> exit code. Nothing else happens here."""
