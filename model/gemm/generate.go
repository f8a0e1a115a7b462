package gemm

//go:generate go run ./gen/main.go -out kernel_amd64.s -stubs stubs_amd64.go -pkg gemm
