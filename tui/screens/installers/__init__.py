"""An installer company on the screen: sign-up, its page, its people."""
