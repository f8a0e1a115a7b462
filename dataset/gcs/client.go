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

// clients are the process's connections, by emulator and file of credentials.
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
	c, err := client(os.Getenv(emulatorEnv) + "\n" + os.Getenv("GOOGLE_APPLICATION_CREDENTIALS"))
	if err != nil {
		return nil, err
	}
	return New(c, bucket, folder, Options{}), nil
}

func client(key string) (*storage.Client, error) {
	clients.Lock()
	defer clients.Unlock()
	if c := clients.of[key]; c != nil {
		return c, nil
	}
	// The library's own debug log shows requests and answers, upload ids among
	// them: it stays off, even if the environment asks for it.
	_ = os.Unsetenv("GOOGLE_SDK_GO_LOGGING_LEVEL")
	// The client outlives whoever asks first.
	c, err := storage.NewClient(context.Background(), storage.WithJSONReads(), option.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		hint := ""
		if strings.Contains(err.Error(), "credentials") {
			hint = "; run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or " + emulatorEnv + " for an emulator"
		}
		return nil, &failure{text: fmt.Sprintf("connect to Google Cloud Storage: %s%s", redact(err.Error()), hint), kind: dataset.ErrUnavailable, reason: err}
	}
	clients.of[key] = c
	return c, nil
}
