package main

import "testing"

func TestMebibytes(t *testing.T) {
	for text, want := range map[string]string{"128": "128", "128MiB": "128", "64 MiB": "64", "2GiB": "2048", "1048576B": "1", "0": "0", "-3": "-3"} {
		var m mebibytes
		if err := m.Set(text); err != nil || m.String() != want {
			t.Errorf("%q: %s, %v, want %s", text, m.String(), err, want)
		}
	}
	for _, text := range []string{"", "x", "1.5", "128MB", "1000B", "9999999999999999999", "100000000TiB"} {
		var m mebibytes
		if err := m.Set(text); err == nil {
			t.Errorf("%q is taken for %s MiB", text, m.String())
		}
	}
}
