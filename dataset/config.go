package dataset

import (
	"encoding/json"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// ShardConfig is the `shard` part of a build configuration.
type ShardConfig struct {
	SizeMiB     int        `yaml:"size_mib" json:"size_mib"`       // what a shard should weigh, where Count is auto
	Count       ShardCount `yaml:"count" json:"count"`             // shards a split, or auto
	Compression string     `yaml:"compression" json:"compression"` // none | zstd
	DType       string     `yaml:"dtype" json:"dtype"`             // float32 | float16
	Layout      string     `yaml:"layout" json:"layout"`           // nested | flat
}

// The values of ShardConfig's keys.
const (
	CompressionNone = "none"
	CompressionZstd = "zstd"
	DTypeFloat32    = "float32"
	DTypeFloat16    = "float16" // half the bytes, 11 bits of precision, no feature above 65504; readers give float32
	LayoutNested    = "nested"  // features: list<fixed_size_list<float32, F>>
	LayoutFlat      = "flat"    // features: list<float32>, T*F values
)

// maxShards is how many shards a split may have: the names have five digits.
const maxShards = 99999

// DefaultShardConfig is what build.yaml holds unless it says otherwise.
func DefaultShardConfig() ShardConfig {
	return ShardConfig{SizeMiB: 128, Compression: CompressionNone, DType: DTypeFloat32, Layout: LayoutNested}
}

// Validate says which key has a value that is not supported, and what is.
func (c ShardConfig) Validate() error {
	if c.SizeMiB < 1 {
		return fmt.Errorf("shard.size_mib: %d, want at least 1", c.SizeMiB)
	}
	if c.Count < 0 || c.Count > maxShards {
		return fmt.Errorf("shard.count: %d, want auto or 1 to %d", int(c.Count), maxShards)
	}
	if c.Compression != CompressionNone && c.Compression != CompressionZstd {
		return fmt.Errorf("shard.compression: %q, want %s or %s", c.Compression, CompressionNone, CompressionZstd)
	}
	if c.DType != DTypeFloat32 && c.DType != DTypeFloat16 {
		return fmt.Errorf("shard.dtype: %q, want %s or %s", c.DType, DTypeFloat32, DTypeFloat16)
	}
	if c.Layout != LayoutNested && c.Layout != LayoutFlat {
		return fmt.Errorf("shard.layout: %q, want %s or %s", c.Layout, LayoutNested, LayoutFlat)
	}
	return nil
}

// NumShards is the number of shards of a split whose rows weigh so many bytes
// before compression: Count, or as many as keep a shard near SizeMiB.
func (c ShardConfig) NumShards(bytes int64) int {
	if c.Count > 0 {
		return int(c.Count)
	}
	size := int64(max(c.SizeMiB, 1)) << 20
	return int(min(max((bytes+size-1)/size, 1), maxShards))
}

// RowBytes is about what an example of T frames of F features weighs in a
// shard before compression: the features, the labels, and some hundred bytes
// of text and provenance.
func (c ShardConfig) RowBytes(frames int64, f int) int64 {
	size := 4
	if c.DType == DTypeFloat16 {
		size = 2
	}
	return frames*int64(size*f+4+2) + 300
}

// ShardCount is a number of shards; 0 is "auto", and reads and prints as that.
type ShardCount int

// AutoShards lets the size of the split decide.
const AutoShards ShardCount = 0

// String is "auto" or the number.
func (n ShardCount) String() string {
	if n == AutoShards {
		return "auto"
	}
	return strconv.Itoa(int(n))
}

func (n *ShardCount) set(s string) error {
	if s == "auto" {
		*n = AutoShards
		return nil
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < 1 || v > maxShards {
		return fmt.Errorf("shard.count: %q, want auto or 1 to %d", s, maxShards)
	}
	*n = ShardCount(v)
	return nil
}

// MarshalYAML prints auto or the number.
func (n ShardCount) MarshalYAML() (any, error) {
	if n == AutoShards {
		return "auto", nil
	}
	return int(n), nil
}

// UnmarshalYAML reads auto or a number.
func (n *ShardCount) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode {
		return fmt.Errorf("shard.count: line %d is no number, want auto or 1 to %d", node.Line, maxShards)
	}
	return n.set(node.Value)
}

// MarshalJSON prints "auto" or the number.
func (n ShardCount) MarshalJSON() ([]byte, error) {
	if n == AutoShards {
		return []byte(`"auto"`), nil
	}
	return []byte(strconv.Itoa(int(n))), nil
}

// UnmarshalJSON reads "auto" or a number.
func (n *ShardCount) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) != nil {
		s = string(b)
	}
	return n.set(s)
}
