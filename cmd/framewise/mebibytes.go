package main

import (
	"fmt"
	"strconv"

	"github.com/dustin/go-humanize"
)

// mebibytes is a flag for a size in whole MiB: a number of them, or a size with
// a unit.
type mebibytes int

// Set reads "128", "128MiB" or "1GiB".
func (m *mebibytes) Set(s string) error {
	if n, err := strconv.Atoi(s); err == nil {
		*m = mebibytes(n)
		return nil
	}
	b, err := humanize.ParseBytes(s)
	if err != nil || b%(1<<20) != 0 || b>>20 > 1<<30 {
		return fmt.Errorf("want a number of MiB, such as 128, or a size of whole MiB, such as 128MiB or 1GiB")
	}
	*m = mebibytes(b >> 20)
	return nil
}

// String is the number of MiB, as shard.size_mib takes it.
func (m *mebibytes) String() string { return strconv.Itoa(int(*m)) }

// Type is what help calls it.
func (m *mebibytes) Type() string { return "MiB" }
