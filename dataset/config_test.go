package dataset

import (
	"encoding/json"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestShardConfigYAML(t *testing.T) {
	const text = "{size_mib: 128, count: auto, compression: none, dtype: float32, layout: nested}"
	var c ShardConfig
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	if c != DefaultShardConfig() {
		t.Errorf("the default build.yaml gives %+v, want %+v", c, DefaultShardConfig())
	}
	for _, text := range []string{"auto", "1", "16", "99999"} {
		var n, back ShardCount
		if err := yaml.Unmarshal([]byte(text), &n); err != nil || n.String() != text {
			t.Errorf("count %s reads as %s, %v", text, n, err)
		}
		if b, err := yaml.Marshal(n); err != nil || strings.TrimSpace(string(b)) != text {
			t.Errorf("count %s prints as YAML %s, %v", text, b, err)
		}
		b, err := json.Marshal(n)
		if err != nil || json.Unmarshal(b, &back) != nil || back != n {
			t.Errorf("count %s is %s in JSON, which reads as %s (%v)", text, b, back, err)
		}
	}
	for _, bad := range []string{"0", "-1", "many", "1.5", "100000", "[1]"} {
		var n ShardCount
		if err := yaml.Unmarshal([]byte(bad), &n); err == nil {
			t.Errorf("count %s: no error", bad)
		}
	}
}

func TestShardConfigValidate(t *testing.T) {
	for want, spoil := range map[string]func(*ShardConfig){
		"shard.size_mib":                func(c *ShardConfig) { c.SizeMiB = 0 },
		"shard.count":                   func(c *ShardConfig) { c.Count = -3 },
		"shard.compression":             func(c *ShardConfig) { c.Compression = "lz4" },
		`"float64", want float32`:       func(c *ShardConfig) { c.DType = "float64" },
		`"wide", want nested or flat`:   func(c *ShardConfig) { c.Layout = "wide" },
		`shard.compression: "", want n`: func(c *ShardConfig) { c.Compression = "" },
	} {
		c := DefaultShardConfig()
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestNumShards(t *testing.T) {
	c := DefaultShardConfig()
	for bytes, want := range map[int64]int{0: 1, 1: 1, 128 << 20: 1, 128<<20 + 1: 2, 1 << 40: 8192, 1 << 60: 99999} {
		if got := c.NumShards(bytes); got != want {
			t.Errorf("NumShards(%d) = %d, want %d", bytes, got, want)
		}
	}
	if c.Count = 5; c.NumShards(1<<40) != 5 {
		t.Error("a given count is not kept")
	}
}

// TestRowBytes holds the estimate of plans against what shards weigh.
func TestRowBytes(t *testing.T) {
	data, stats := writeShard(t, testHeader(t), DefaultShardConfig(), testIDs("w", 200))
	estimate := int64(0)
	for _, l := range stats.Lengths {
		estimate += l.Examples * DefaultShardConfig().RowBytes(int64(l.Frames), testF)
	}
	if ratio := float64(len(data)) / float64(estimate); ratio < 0.7 || ratio > 1.3 {
		t.Errorf("a shard of %d bytes was estimated at %d", len(data), estimate)
	}
}
