"""The Streamlit dashboard. Draws; reaches data over HTTP through `creatorlens.client`.

Streamlit puts this folder itself on the import path, so no module here may bear the name of a
library or of a module of the standard library.
"""
