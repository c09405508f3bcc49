module github.com/kestrel/operator

go 1.23
