module rows

go 1.27
