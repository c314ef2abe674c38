"""Pages that are one file, ask nothing of the network and run no script: their style, and what several show alike."""
