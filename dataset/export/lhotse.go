package export

import (
	"compress/gzip"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"framewise/dataset"
)

// lhotse writes cuts without recordings: their features and labels are NumPy
// files, which Lhotse reads as storage type numpy_files. (lilcom, its default,
// is lossy.)
type lhotse struct {
	x     *exporter
	dir   *folder
	split string
	file  *file
	zip   *gzip.Writer
	n     int
}

// The manifests of Lhotse, with the fields that a cut without a recording has.
type (
	lhotseCut struct {
		ID           string              `json:"id"`
		Start        float64             `json:"start"`
		Duration     float64             `json:"duration"`
		Channel      int                 `json:"channel"`
		Supervisions []lhotseSupervision `json:"supervisions"`
		Features     lhotseFeatures      `json:"features"`
		Custom       lhotseCustom        `json:"custom"`
		Type         string              `json:"type"`
	}
	lhotseSupervision struct {
		ID          string  `json:"id"`
		RecordingID string  `json:"recording_id"`
		Start       float64 `json:"start"`
		Duration    float64 `json:"duration"`
		Channel     int     `json:"channel"`
		Text        string  `json:"text"`
		Speaker     string  `json:"speaker"`
	}
	lhotseFeatures struct {
		Type         string  `json:"type"`
		NumFrames    int32   `json:"num_frames"`
		NumFeatures  int     `json:"num_features"`
		FrameShift   float64 `json:"frame_shift"`
		SamplingRate int32   `json:"sampling_rate"`
		Start        float64 `json:"start"`
		Duration     float64 `json:"duration"`
		StorageType  string  `json:"storage_type"`
		StoragePath  string  `json:"storage_path"`
		StorageKey   string  `json:"storage_key"`
		RecordingID  string  `json:"recording_id"`
		Channels     int     `json:"channels"`
	}
	lhotseCustom struct {
		Labels  *lhotseTemporal `json:"labels,omitempty"`
		Example sample          `json:"framewise"`
	}
	lhotseTemporal struct {
		Array struct {
			StorageType string `json:"storage_type"`
			StoragePath string `json:"storage_path"`
			StorageKey  string `json:"storage_key"`
			Shape       []int  `json:"shape"`
		} `json:"array"`
		TemporalDim int     `json:"temporal_dim"`
		FrameShift  float64 `json:"frame_shift"`
		Start       float64 `json:"start"`
	}
)

func newLhotse(x *exporter, dir *folder, split string) (splitWriter, error) {
	f, err := dir.create("cuts.jsonl.gz")
	if err != nil {
		return nil, err
	}
	return &lhotse{x: x, dir: dir, split: split, file: f, zip: gzip.NewWriter(f)}, nil
}

func (l *lhotse) shard(int, int) error { return nil }

func (l *lhotse) write(ex *dataset.Example) error {
	framing, err := l.x.features.Framing(int(ex.SampleRate))
	if err != nil {
		return err
	}
	// Lhotse computes the number of frames from the duration, which is therefore
	// that of the frames and not that of the samples.
	shift := float64(framing.Hop) / float64(ex.SampleRate)
	duration := float64(framing.Hop*int(ex.NumFrames)) / float64(ex.SampleRate)
	const storage = "numpy_files"
	path := filepath.ToSlash(filepath.Join(l.x.out, l.split, "arrays"))
	key := fmt.Sprintf("%05d/%08d", l.n/1000, l.n)
	l.n++
	c := lhotseCut{
		ID: ex.ID, Duration: duration, Type: "MonoCut",
		Supervisions: []lhotseSupervision{{ID: ex.ID, RecordingID: ex.ID, Duration: duration, Text: strings.Join(strings.Fields(ex.Text), " "), Speaker: ex.Speaker}},
		Features: lhotseFeatures{
			Type: string(l.x.features.Kind), NumFrames: ex.NumFrames, NumFeatures: l.x.f, FrameShift: shift, SamplingRate: ex.SampleRate, Duration: duration,
			StorageType: storage, StoragePath: path, StorageKey: key + ".npy", RecordingID: ex.ID,
		},
		Custom: lhotseCustom{Example: newSample(ex)},
	}
	l.dir.writeLater("arrays/"+key+".npy", appendNPY(nil, []int{int(ex.NumFrames), l.x.f}, ex.Features))
	if ex.Labels != nil {
		t := &lhotseTemporal{FrameShift: shift}
		t.Array.StorageType, t.Array.StoragePath, t.Array.StorageKey, t.Array.Shape = storage, path, key+".labels.npy", []int{len(ex.Labels)}
		c.Custom.Labels = t
		l.dir.writeLater("arrays/"+t.Array.StorageKey, appendNPY(nil, t.Array.Shape, ex.Labels))
	}
	b, err := marshal(&c)
	if err != nil {
		return err
	}
	return writeAll(l.zip, b, []byte("\n"))
}

func (l *lhotse) close() error {
	return errors.Join(l.dir.wait(), l.zip.Close(), l.file.close())
}
