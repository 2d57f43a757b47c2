"""The desk itself: what people can do, and the rules that hold. Knows no screen."""
