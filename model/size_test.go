package model

import "testing"

// The sizes of the post's network over 40 log-mel with deltas and 61 classes,
// counted by hand: valid convolutions leave 36 of 40 bands, then 1.
func TestSizeOfThePost(t *testing.T) {
	c, err := Preset("post")
	if err != nil {
		t.Fatal(err)
	}
	n, err := New(c, 40, 61, 1)
	if err != nil {
		t.Fatal(err)
	}
	const lstm = (128 + 128) * 4 * 128
	want := []struct {
		name         string
		params, macs int
	}{
		{"conv.0", 3*5*5*32 + 32, 3 * 5 * 5 * 32 * 36}, // 32 filters over 5 frames x 5 bands of 3 channels, at 36 places
		{"conv.1", 32*5*36*64 + 64, 32 * 5 * 36 * 64},  // 64 filters over 5 frames x all 36 bands of 32 channels
		{"dense", 64*128 + 128, 64 * 128},
		{"forward.0", lstm + 4*128, lstm}, {"backward.0", lstm + 4*128, lstm},
		{"forward.1", lstm + 4*128, lstm}, {"backward.1", lstm + 4*128, lstm},
		{"output", 2*128*61 + 61, 2 * 128 * 61},
	}
	for i, p := range n.Params() {
		if w := want[i]; p.Name != w.name || p.Rows*p.Cols != w.params || p.MACsPerFrame() != w.macs {
			t.Errorf("%s has %d parameters and %d multiply-adds a frame, want %+v", p.Name, p.Rows*p.Cols, p.MACsPerFrame(), w)
		}
	}
	if n.Parameters() != 921469 || n.MACsPerFrame() != 1003136 || len(n.Params()) != len(want) {
		t.Errorf("%d parameters, %d multiply-adds, want 921,469 and 1,003,136", n.Parameters(), n.MACsPerFrame())
	}
}

// Graves and Schmidhuber (2005) give about 100,000 weights to each of their
// networks; this one has no peepholes, 3 a unit.
func TestSizeOfGraves2005(t *testing.T) {
	c, err := Preset("graves2005")
	if err != nil {
		t.Fatal(err)
	}
	n, err := New(c, 13, 61, 1)
	if err != nil {
		t.Fatal(err)
	}
	const lstm = (26 + 93 + 1) * 4 * 93
	if got, want := n.Parameters(), 2*lstm+(2*93+1)*61; n.Inputs() != 26 || got != want || got != 100687 {
		t.Errorf("%d parameters over %d inputs, want %d over 26", got, n.Inputs(), want)
	}
}
