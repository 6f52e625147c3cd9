"""`python -m cccd_nfc`: the command line."""

from cccd_nfc.cli.main import main

if __name__ == "__main__":
    main()
