package dataset

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// shard reads one shard from the bytes of its file. The ids, speakers and
// lengths of all rows are loaded once; everything else stays where it is. Its
// methods may be used by many goroutines at once.
type shard struct {
	info       shardInfo
	metas      []Meta
	starts     []int // first row of each batch, and the number of rows
	compressed bool
	ipc        *ipc.FileReader
	batches    []*columns // those that are decoded: all, or the last one used if compressed

	mu sync.Mutex // guards batches and last of a compressed shard
}

// shardInfo is what the schema of a shard says.
type shardInfo struct {
	Version  int
	LabelSet *labelSetJSON
	Split    string
	Digest   string
	F        int
	Layout   string
	DType    string

	rawLabelSet, rawFeatures string // compact JSON
}

// openShard reads the structure of a shard and the metadata of its rows. data
// must stay as it is while the shard is in use.
func openShard(data []byte) (*shard, error) {
	var s *shard
	data = slices.Clip(data) // Arrow slices by offsets that a file claims: none may reach what lies behind it
	err := guard(func() (err error) {
		s, err = readShard(data)
		return err
	})
	return s, err
}

func readShard(data []byte) (*shard, error) {
	v, err := vetIPC(data)
	if err != nil {
		return nil, err
	}
	// The default limit on bodies is below what one long row may need; vetIPC
	// has held them against the size of the file.
	r, err := ipc.NewMappedFileReader(data, ipc.WithBodySizeLimit(0))
	if err != nil {
		return nil, corrupt("%w", err)
	}
	s := &shard{ipc: r, compressed: v.compressed, starts: []int{0}}
	if s.info, err = parseSchema(r.Schema()); err != nil {
		return nil, err
	}
	s.batches = make([]*columns, v.batches)
	speakers := map[string]string{} // one copy of each name
	for i := range s.batches {
		b, err := s.decode(i)
		if err != nil {
			return nil, err
		}
		for row := range b.rows {
			m, err := b.meta(row, speakers)
			if err != nil {
				return nil, fmt.Errorf("row %d: %w", len(s.metas), err)
			}
			s.metas = append(s.metas, m)
		}
		s.starts = append(s.starts, len(s.metas))
		if !s.compressed {
			s.batches[i] = b
		}
	}
	return s, nil
}

func (s *shard) decode(i int) (*columns, error) {
	rec, err := s.ipc.RecordBatchAt(i)
	if err != nil {
		return nil, corrupt("record batch %d: %w", i, err)
	}
	b, err := newColumns(rec, s.info.F, s.info.Layout, s.info.DType)
	if err == nil && s.info.F == 0 && b.rows > 0 {
		// Only the rows of the flat layout tell the width.
		s.info.F, err = b.width()
		b.f = s.info.F
	}
	if err != nil {
		return nil, fmt.Errorf("record batch %d: %w", i, err)
	}
	return b, nil
}

// batch is record batch i. Of a compressed shard the last one used is kept.
func (s *shard) batch(i int) (*columns, error) {
	if !s.compressed {
		return s.batches[i], nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.batches[i] != nil {
		return s.batches[i], nil
	}
	b, err := s.decode(i)
	if err == nil {
		clear(s.batches)
		s.batches[i] = b
	}
	return b, err
}

// example reads row i. Features and labels alias the file's bytes, or the
// decoded batch of a compressed shard.
func (s *shard) example(i int) (ex *Example, err error) {
	err = guard(func() error {
		k := sort.SearchInts(s.starts, i+1) - 1
		b, err := s.batch(k)
		if err != nil {
			return err
		}
		if ex, err = b.example(i-s.starts[k], &s.metas[i]); err != nil {
			return err
		}
		if err := checkExample(ex, s.info.F, len(s.labels())); err != nil {
			return corrupt("%w", err)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("row %d (%q): %w", i, s.metas[i].ID, err)
	}
	return ex, nil
}

func (s *shard) labels() []string {
	if s.info.LabelSet == nil {
		return nil
	}
	return s.info.LabelSet.Labels
}

// checkRows says whether the rows belong to shard i of n and stand in order.
// With n = 0 only the order is looked at.
func (s *shard) checkRows(i, n int) error {
	var last uint64
	for row := range s.metas {
		id := s.metas[row].ID
		key := RowKey(id)
		if n > 0 && int(key%uint64(n)) != i {
			return corrupt("row %d (%q): belongs to shard %d of %d", row, id, key%uint64(n), n)
		}
		if row > 0 && !rowLess(last, key, s.metas[row-1].ID, id) {
			return corrupt("row %d (%q): stands after %q, want the order of the hash and every id once", row, id, s.metas[row-1].ID)
		}
		last = key
	}
	return nil
}

// parseSchema checks a schema and reads its metadata.
func parseSchema(schema *arrow.Schema) (shardInfo, error) {
	md := schema.Metadata()
	values := map[string]string{}
	for i, k := range md.Keys() {
		values[k] = md.Values()[i]
	}
	for _, k := range metadataKeys {
		if _, ok := values[k]; !ok {
			return shardInfo{}, corrupt("the schema has no metadata %q", k)
		}
	}
	version, err := strconv.Atoi(values[keyVersion])
	if err != nil {
		return shardInfo{}, corrupt("%s is %q, want a number", keyVersion, values[keyVersion])
	}
	if version != FormatVersion {
		return shardInfo{}, fmt.Errorf("shard format version %d, want %d: %w", version, FormatVersion, ErrVersion)
	}
	info := shardInfo{Version: version, Split: values[keySplit], Digest: values[keyDigest]}
	if info.rawLabelSet, err = compactJSON(values[keyLabelSet]); err == nil {
		err = json.Unmarshal([]byte(values[keyLabelSet]), &info.LabelSet)
	}
	if err != nil {
		return shardInfo{}, corrupt("%s: %w", keyLabelSet, err)
	}
	if info.rawFeatures, err = compactJSON(values[keyFeatures]); err != nil {
		return shardInfo{}, corrupt("%s: %w", keyFeatures, err)
	}
	return info, info.parseFields(schema)
}

// parseFields finds layout and width, and holds every column against them.
func (info *shardInfo) parseFields(schema *arrow.Schema) error {
	if schema.NumFields() != numColumns {
		return corrupt("%d columns, want %d", schema.NumFields(), numColumns)
	}
	info.Layout, info.DType = LayoutFlat, DTypeFloat32
	if l, ok := schema.Field(colFeatures).Type.(*arrow.ListType); ok {
		value := l.Elem()
		if row, ok := value.(*arrow.FixedSizeListType); ok {
			info.Layout, info.F, value = LayoutNested, int(row.Len()), row.Elem()
		}
		if value.ID() == arrow.FLOAT16 {
			info.DType = DTypeFloat16
		}
	}
	if info.Layout == LayoutNested && (info.F < 1 || info.F > maxWidth) {
		return corrupt("features are %d wide, want 1 to %d", info.F, maxWidth)
	}
	want := arrowSchema(info.Layout, info.DType, info.F, nil)
	for i, w := range want.Fields() {
		got := schema.Field(i)
		if got.Name != w.Name || !arrow.TypeEqual(got.Type, w.Type) {
			return corrupt("column %d is %s %v, want %s %v", i, got.Name, got.Type, w.Name, w.Type)
		}
	}
	return nil
}

func compactJSON(s string) (string, error) {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		return "", fmt.Errorf("%.40q is not JSON: %w", s, err)
	}
	return b.String(), nil
}

// checkUTF8 says which of the strings is no UTF-8.
func checkUTF8(name, s string) error {
	if !utf8.ValidString(s) {
		return corrupt("%s %q is not UTF-8", name, s)
	}
	return nil
}
