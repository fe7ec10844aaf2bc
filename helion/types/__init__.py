"""What is known about a value: shapes, dtypes, dims and how two such facts meet; knows nothing of syntax trees."""
