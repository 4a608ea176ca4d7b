"""One module per page. Not called `pages/`: that name breaks deep links beside `st.navigation`."""
