package repo_test

import (
	"flag"
	"testing"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
)

// standard runs the tests on the standard path: go test ./repo -args -standard.
var standard = flag.Bool("standard", false, "read and write through the SDK's attribute values")

// viaSDK runs the tests with every attempt sent by the SDK: go test ./repo -args -wire.
var viaSDK = flag.Bool("wire", false, "send through the SDK's middleware")

func TestMain(m *testing.M) { enginetest.Main(m) }
