package audio

//go:generate go run ./gen/main.go -out widen_amd64.s -stubs stubs_amd64.go -pkg audio
