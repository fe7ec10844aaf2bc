"""Problems as data in, terminal text out; knows neither torch nor how a problem was found."""
