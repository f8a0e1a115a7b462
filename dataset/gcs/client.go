package gcs

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"

	"cloud.google.com/go/storage"
	"google.golang.org/api/option"

	"framewise/dataset"
)

func init() { dataset.RegisterScheme("gs", Open) }

// emulatorEnv names a server that speaks the service's protocol, without
// credentials.
const emulatorEnv = "STORAGE_EMULATOR_HOST"

// clients are the process's connections, by emulator ("" for the service).
var clients = struct {
	sync.Mutex
	of map[string]*storage.Client
}{of: map[string]*storage.Client{}}

// Open is the store at gs://BUCKET/FOLDER, with the application's default
// credentials, or at the emulator that STORAGE_EMULATOR_HOST names.
func Open(_ context.Context, uri string) (dataset.Store, error) {
	bucket, folder, err := split(uri)
	if err != nil {
		return nil, err
	}
	c, err := client(os.Getenv(emulatorEnv))
	if err != nil {
		return nil, err
	}
	return New(c, bucket, folder, Options{}), nil
}

func client(emulator string) (*storage.Client, error) {
	clients.Lock()
	defer clients.Unlock()
	if c := clients.of[emulator]; c != nil {
		return c, nil
	}
	// The client outlives whoever asks first. The library's own debug log, which
	// an environment variable turns on, would show headers.
	c, err := storage.NewClient(context.Background(), storage.WithJSONReads(), option.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		hint := ""
		if strings.Contains(err.Error(), "credentials") {
			hint = "; run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or " + emulatorEnv + " for an emulator"
		}
		return nil, &failure{text: fmt.Sprintf("connect to Google Cloud Storage: %s%s", redact(err.Error()), hint), kind: dataset.ErrUnavailable, reason: err}
	}
	clients.of[emulator] = c
	return c, nil
}
