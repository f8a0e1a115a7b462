//go:build amd64

package isa

const hasAssembly = true
