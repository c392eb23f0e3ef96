"""`python -m benchmarks.pictures` takes the pictures of the terminal."""

from benchmarks.pictures import terminal

if __name__ == "__main__":
    terminal.main()
