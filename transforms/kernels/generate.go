package kernels

//go:generate go run -tags avo ./gen -out vectors_amd64.s -stubs stubs_amd64.go -pkg kernels -scalar scalar.go
