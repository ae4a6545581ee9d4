"""The parameters that a graph has without anybody writing them down."""
