package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"framewise/corpus"
)

// VerifyReport says what Verify looked at and what it found wrong.
type VerifyReport struct {
	SHA256   string    `json:"sha256"` // of dataset.json
	Shards   int       `json:"shards"` // read and found good
	Examples int64     `json:"examples"`
	Frames   int64     `json:"frames"`
	Bytes    int64     `json:"bytes"`
	Findings []Finding `json:"findings"` // shards in their order first, then the rest
}

// Finding is one thing that is wrong with a file of a dataset.
type Finding struct {
	Path   string `json:"path"`
	Detail string `json:"detail"`
}

// Verify checks a dataset to the last byte: dataset.json against its own
// checksum; that every shard it lists is there with its size and SHA-256; that
// no other shard is; schema, metadata, membership and order of the rows, every
// example, all counts and sums computed again; that no utterance is a part in
// two splits; the form, reasons and counts of
// rejects.jsonl; and that build.yaml is there.
//
// No checksum covers two files: a changed bit within an id, URI, place or
// detail of rejects.jsonl is found only if it spoils the form, and one in
// build.yaml, which says where the corpus lay, is not found.
//
// It goes on after the first finding. The report is complete whenever it is
// not nil; the error then wraps ErrCorrupt and names the first finding, which
// is the first bad shard if any shard is bad. Without a report the error says
// why nothing could be checked. progress, which may be nil, is told the bytes
// of shards that were read so far and those there are.
//
// Of a remote dataset everything is fetched, whatever the cache has: a shard at
// a time, into a temporary file.
func Verify(ctx context.Context, dir string, progress func(done, total int64)) (*VerifyReport, error) {
	d, err := Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	store, err := OpenStore(ctx, dir)
	if err != nil {
		return nil, err
	}
	v := &verifier{ctx: ctx, d: d, store: store, progress: progress, report: &VerifyReport{SHA256: d.SHA256(), Findings: []Finding{}}}
	for i := range d.Manifest.Splits {
		for k := range d.Manifest.Splits[i].Shards {
			v.total += d.Manifest.Splits[i].Shards[k].Bytes
		}
	}
	for i := range d.Manifest.Splits {
		if err := v.split(&d.Manifest.Splits[i]); err != nil {
			return nil, err
		}
	}
	if err := v.others(); err != nil {
		return nil, err
	}
	if n := len(v.report.Findings); n > 0 {
		f := v.report.Findings[0]
		return v.report, corrupt("%s: %s (%d findings in all)", f.Path, f.Detail, n)
	}
	return v.report, nil
}

type verifier struct {
	ctx         context.Context
	d           *Dataset
	store       Store
	progress    func(done, total int64)
	done, total int64
	report      *VerifyReport
	splits      map[string]string // of each utterance that is a part of an example: the first one seen
}

func (v *verifier) find(path, format string, args ...any) {
	v.report.Findings = append(v.report.Findings, Finding{path, fmt.Sprintf(format, args...)})
}

// split checks the shards of a split, and its sums if all of them are good.
func (v *verifier) split(info *SplitInfo) error {
	stats := make([]ShardStats, 0, len(info.Shards))
	for i := range info.Shards {
		before := v.done
		s, err := v.shard(info, i)
		if v.done = before + info.Shards[i].Bytes; v.progress != nil {
			v.progress(v.done, v.total)
		}
		if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrVersion) {
			v.find(info.Shards[i].Path, "%v", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("verify shard %s: %w", info.Shards[i].Path, err)
		}
		stats = append(stats, s)
		v.report.Shards++
		v.report.Examples += s.Examples
		v.report.Frames += s.Frames
		v.report.Bytes += info.Shards[i].Bytes
	}
	if len(stats) < len(info.Shards) {
		return nil
	}
	m := v.d.Manifest
	again := SplitInfo{Name: info.Name, Shards: info.Shards}
	cmvn, err := again.addStats(stats, m.FeatureDim, numLabels(m.LabelSet))
	if err != nil {
		return err
	}
	v.compare(info.Name+": the split", &again, info)
	listed := []CMVN{}
	for _, c := range m.CMVN {
		if c.Split == info.Name {
			listed = append(listed, c)
		}
	}
	v.compare(info.Name+": cmvn", cmvn, listed)
	return nil
}

// compare finds whether what was computed again is what dataset.json has.
func (v *verifier) compare(what string, again, listed any) {
	a, errA := json.Marshal(again)
	b, errB := json.Marshal(listed)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		v.find(ManifestName, "%s: the numbers are not those of the shards", what)
	}
}

// shard reads all of a shard and counts it again.
func (v *verifier) shard(info *SplitInfo, i int) (stats ShardStats, err error) {
	want := &info.Shards[i]
	data, unmap, err := v.load(want.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return stats, corrupt("the file is missing")
	}
	if err != nil {
		return stats, err
	}
	defer func() { err = errors.Join(err, unmap()) }()
	if int64(len(data)) != want.Bytes {
		return stats, corrupt("%d bytes, want %d", len(data), want.Bytes)
	}
	if sum := v.sum(data); sum != want.SHA256 {
		return stats, corrupt("SHA-256 %s, want %s", sum, want.SHA256)
	}
	s, err := openShard(data)
	if err != nil {
		return stats, err
	}
	if err := s.agrees(v.d.Manifest, info, i); err != nil {
		return stats, err
	}
	if stats, err = s.count(v.apart(info.Name, want.Path)); err != nil {
		return stats, err
	}
	if stats.AudioSamples != want.AudioSamples {
		return stats, corrupt("%d audio samples, want %d", stats.AudioSamples, want.AudioSamples)
	}
	return stats, nil
}

// load maps a file of the store, or a fresh copy of it.
func (v *verifier) load(name string) (data []byte, unmap func() error, err error) {
	if local, ok := v.store.(*Local); ok {
		return mapFile(local.Path(name))
	}
	in, err := v.store.Open(v.ctx, name)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	tmp, err := os.CreateTemp("", "framewise-verify-*")
	if err != nil {
		return nil, nil, err
	}
	// An open or mapped file needs no name, and without one leaves nothing
	// behind a process that is killed. Where it does need it, this does nothing.
	if os.Remove(tmp.Name()) != nil {
		defer os.Remove(tmp.Name())
	}
	defer func() { err = errors.Join(err, tmp.Close()) }()
	if _, err := io.Copy(tmp, in); err != nil {
		return nil, nil, err
	}
	return mapOpen(tmp)
}

// sum is the SHA-256 of data, with progress on the way.
func (v *verifier) sum(data []byte) string {
	h := sha256.New()
	for len(data) > 0 {
		n := min(len(data), 16<<20)
		h.Write(data[:n])
		data = data[n:]
		if v.done += int64(n); v.progress != nil {
			v.progress(v.done, v.total)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// count reads every example of a shard, gives it to see (which may be nil), and
// gathers what its writer gathered.
func (s *shard) count(see func(ex *Example)) (ShardStats, error) {
	g := newGatherer(s.info.Split, s.info.F, len(s.labels()))
	for row := range s.metas {
		ex, err := s.example(row)
		if err != nil {
			return ShardStats{}, err
		}
		if err := checkFinite(ex.Features, s.info.F); err != nil {
			return ShardStats{}, corrupt("row %d (%q): %w", row, ex.ID, err)
		}
		g.add(ex)
		if see != nil {
			see(ex)
		}
	}
	return g.finish(), nil
}

// others checks the files that are no shards, and looks for shards that should
// not be there.
func (v *verifier) others() error {
	ctx := v.ctx
	listed := map[string]bool{}
	for i := range v.d.Manifest.Splits {
		for k := range v.d.Manifest.Splits[i].Shards {
			listed[v.d.Manifest.Splits[i].Shards[k].Path] = true
		}
	}
	files, err := v.store.List(ctx, ".")
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	for _, f := range files {
		if path.Ext(f.Name) == shardSuffix && !strings.HasPrefix(f.Name, sidecarDir+"/") && !listed[f.Name] {
			v.find(f.Name, "a shard that %s does not list", ManifestName)
		}
	}
	if _, err := v.store.Stat(ctx, ConfigName); err != nil {
		v.find(ConfigName, "%v", err)
	}
	return v.rejects(ctx)
}

func (v *verifier) rejects(ctx context.Context) error {
	f, err := v.store.Open(ctx, RejectsName)
	if errors.Is(err, fs.ErrNotExist) {
		v.find(RejectsName, "the file is missing")
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	var content, again bytes.Buffer
	rejects, err := ReadRejects(io.TeeReader(f, &content))
	if err != nil {
		v.find(RejectsName, "%v", err)
		return nil
	}
	if err := WriteRejects(&again, MergeRejects(rejects)); err != nil || !bytes.Equal(again.Bytes(), content.Bytes()) {
		v.find(RejectsName, "the lines are not as a build writes them")
	}
	for i := range rejects {
		if !slices.Contains(corpus.Reasons, rejects[i].Reason) {
			v.find(RejectsName, "line %d: the reason is %q, want one of %v", i+1, rejects[i].Reason, corpus.Reasons)
		}
	}
	utterances, examples := int64(0), int64(0)
	for i := range rejects {
		if rejects[i].Kind == RejectUtterance {
			utterances++
		} else {
			examples++
		}
	}
	if c := v.d.Manifest.Counts; utterances != c.Rejected || examples != c.Dropped {
		v.find(RejectsName, "%d utterances and %d examples, want %d and %d", utterances, examples, c.Rejected, c.Dropped)
	}
	return nil
}
