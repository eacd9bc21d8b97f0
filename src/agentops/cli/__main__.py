"""`python -m agentops.cli`: the `agentops` command where no script of that name is on the PATH."""

from agentops.cli.main import main

if __name__ == "__main__":
    main()
