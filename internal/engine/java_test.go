package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine"
)

func TestCheckJavaVersion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		out string
		ok  bool
	}{
		{out: `openjdk version "17.0.15" 2025-04-15`, ok: true},
		{out: `openjdk version "21" 2023-09-19`, ok: true},
		{out: `openjdk version "26-ea" 2026-03-17`, ok: true},
		{out: "Picked up JAVA_TOOL_OPTIONS: -Xmx1g\njava version \"25.0.1\" 2025-10-21 LTS", ok: true},
		{out: `openjdk version "16.0.2" 2021-07-20`},
		{out: `java version "1.8.0_402"`},
		{out: `version "99999999999999999999"`},
		{out: ``},
	}
	for _, test := range tests {
		if err := engine.CheckJavaVersion(test.out); test.ok {
			assert.NoError(t, err, test.out)
		} else {
			assert.Error(t, err, test.out)
		}
	}
}

func TestStartTellsThatJavaIsMissing(t *testing.T) {
	t.Parallel()
	for _, java := range []string{"no-such-java", "java-11"} {
		_, err := engine.Start(t.Context(), engine.Java(testdata(t, java)))
		require.ErrorIs(t, err, engine.ErrMissing, java)
		assert.ErrorContains(t, err, "Java 17 or newer is needed", java)
		assert.ErrorContains(t, err, "openjdk-17-jre-headless", java)
		assert.NotContains(t, err.Error(), "\n", java)
	}
}

func TestStartDoesNotBlameJavaForTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := engine.Start(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, engine.ErrMissing)
}
