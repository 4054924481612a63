package assoc_test

import (
	"testing"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
)

func TestMain(m *testing.M) { enginetest.Main(m) }
