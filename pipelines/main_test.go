package pipelines

import (
	"context"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
)

func TestMain(m *testing.M) {
	beamlog.LogLevel = "error" // the engine tells every step otherwise
	ptest.Main(m)
}

// prism runs a pipeline as a build does.
func prism(ctx context.Context, p *beam.Pipeline, _ func() int64) error {
	_, err := beam.Run(ctx, "prism", p)
	return err
}
