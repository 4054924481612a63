package repo_test

import (
	"flag"
	"testing"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
)

// standard runs the tests on the standard path: go test ./repo -args -standard.
var standard = flag.Bool("standard", false, "read and write through the SDK's attribute values")

func TestMain(m *testing.M) { enginetest.Main(m) }
