package trust_test

import (
	"flag"
	"testing"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
)

// long runs the long forms: go test ./internal/trust -args -long.
var long = flag.Bool("long", false, "run the long forms of the tests")

func TestMain(m *testing.M) { enginetest.Main(m) }
