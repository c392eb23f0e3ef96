"""The platform-neutral quiz engine: it decides everything and touches nothing."""
