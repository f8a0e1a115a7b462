package vec

//go:generate go run ./gen/main.go ./gen/ctc.go ./gen/gru.go -out vec_amd64.s -stubs stubs_amd64.go -pkg vec
