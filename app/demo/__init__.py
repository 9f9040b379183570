"""The demo: 2021 played once, by portals over real HTTP. All of its figures are made up."""
