package export

import (
	"archive/tar"
	"errors"
	"fmt"
	"strings"
	"time"

	"framewise/dataset"
)

// webDataset writes a tar file for each shard. An example is the files key.npy,
// key.labels.npy (if it has labels) and key.json.
type webDataset struct {
	x    *exporter
	dir  *folder
	file *file
	tar  *tar.Writer
	buf  []byte
}

func newWebDataset(x *exporter, dir *folder, _ string) (splitWriter, error) {
	return &webDataset{x: x, dir: dir}, nil
}

func (w *webDataset) shard(i, _ int) error {
	if err := w.close(); err != nil {
		return err
	}
	var err error
	if w.file, err = w.dir.create(fmt.Sprintf("shard-%06d.tar", i)); err != nil {
		return err
	}
	w.tar = tar.NewWriter(w.file)
	return nil
}

func (w *webDataset) write(ex *dataset.Example) error {
	key := webKey(ex.ID)
	w.buf = appendNPY(w.buf[:0], []int{int(ex.NumFrames), w.x.f}, ex.Features)
	if err := w.add(key+".npy", w.buf); err != nil {
		return err
	}
	if ex.Labels != nil {
		w.buf = appendNPY(w.buf[:0], []int{len(ex.Labels)}, ex.Labels)
		if err := w.add(key+".labels.npy", w.buf); err != nil {
			return err
		}
	}
	b, err := marshal(newSample(ex))
	if err != nil {
		return err
	}
	return w.add(key+".json", b)
}

// add writes a file whose header depends on its name and size alone.
func (w *webDataset) add(name string, data []byte) error {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(data)), Mode: 0o644, ModTime: time.Unix(0, 0)}
	if err := w.tar.WriteHeader(h); err != nil {
		return err
	}
	_, err := w.tar.Write(data)
	return err
}

func (w *webDataset) close() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.tar.Close(), w.file.close())
	w.file, w.tar = nil, nil
	return err
}

// webKey makes an id the part of a file's name that WebDataset takes for the
// sample's key: it ends at the first point after the last slash. Points and a
// slash at either end are escaped.
func webKey(id string) string {
	key := escape(id, ".\\")
	if strings.HasPrefix(key, "/") {
		key = "%2F" + key[1:]
	}
	if strings.HasSuffix(key, "/") {
		key = key[:len(key)-1] + "%2F"
	}
	return key
}
