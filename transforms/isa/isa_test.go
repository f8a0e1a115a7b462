package isa

import "testing"

func TestChoose(t *testing.T) {
	t.Setenv(Variable, "")
	if l, err := Choose(); err != nil || l != Best() {
		t.Errorf("no wish: %v, %v; want %v", l, err, Best())
	}
	for l := Scalar; l <= AVX512; l++ {
		t.Setenv(Variable, l.setting())
		got, err := Choose()
		if l <= Best() && (err != nil || got != l) {
			t.Errorf("%v: %v, %v", l, got, err)
		}
		if l > Best() && (err == nil || got != Best()) {
			t.Errorf("%v on a CPU with %v: %v, %v; want an error and the best there is", l, Best(), got, err)
		}
	}
	t.Setenv(Variable, "mmx")
	if got, err := Choose(); err == nil || got != Best() {
		t.Errorf("mmx: %v, %v", got, err)
	}
}
