package repo

import (
	"encoding/base64"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
)

func clearVariables(t *testing.T) {
	t.Helper()
	for _, v := range variables {
		t.Setenv(v.name, "")
	}
}

func TestConfigFromEnv(t *testing.T) {
	clearVariables(t)
	cfg, err := ConfigFromEnv()
	require.NoError(t, err)
	assert.Equal(t, &Config{}, cfg)

	keys := [][]byte{[]byte("0123456789abcdef"), []byte("fedcba9876543210")}
	for name, text := range map[string]string{
		"NAMESPACE": "app", "ENDPOINT": "http://localhost:8000", "REGION": "eu-west-1", "ON_DEMAND": "true",
		"READ_CAPACITY": "7", "WRITE_CAPACITY": "3", "POLLS": "9", "POLL_INTERVAL": "150ms", "LOG": "off", "SCAN_POLICY": "Refuse",
		"CURSOR_KEYS": base64.StdEncoding.EncodeToString(keys[0]) + ", " + base64.StdEncoding.EncodeToString(keys[1]),
		"BATCH_SIZE":  "50", "BATCH_ATTEMPTS": "4", "CONFLICT_ATTEMPTS": "5", "CONCURRENCY": "2", "ZONE": "Europe/Zurich",
		"STANDARD_CODEC": "1", "PLAIN_ALLOC": "true",
	} {
		t.Setenv("DYNAREPO_"+name, text)
	}
	cfg, err = ConfigFromEnv()
	require.NoError(t, err)
	assert.False(t, cfg.Logger.Enabled(t.Context(), 100))
	assert.Equal(t, "Europe/Zurich", cfg.Zone.String())
	cfg.Logger, cfg.Zone = nil, nil
	assert.Equal(t, &Config{
		Namespace: "app", Endpoint: "http://localhost:8000", Region: "eu-west-1", OnDemand: true,
		Throughput: index.Throughput{Read: 7, Write: 3}, Polls: 9, PollInterval: 150 * time.Millisecond, ScanPolicy: ScanRefuse,
		CursorKeys: keys, BatchSize: 50, BatchAttempts: 4, ConflictAttempts: 5, Concurrency: 2, StandardCodec: true, PlainAlloc: true,
	}, cfg)
	_, err = cfg.checked()
	require.NoError(t, err)

	for text, level := range map[string]int{"debug": -4, "INFO": 0, "warn": 4, "error": 8} {
		t.Setenv("DYNAREPO_LOG", text)
		cfg, err := ConfigFromEnv()
		require.NoError(t, err)
		assert.True(t, cfg.Logger.Enabled(t.Context(), slog.Level(level)))
		assert.False(t, cfg.Logger.Enabled(t.Context(), slog.Level(level-1)))
	}
}

// TestConfigFromEnvFaults: every variable that is wrong is named at once, and
// no value.
func TestConfigFromEnvFaults(t *testing.T) {
	clearVariables(t)
	wrong := map[string]string{
		"NAMESPACE": "no SECRET", "ENDPOINT": "ftp://SECRET", "ON_DEMAND": "SECRET", "READ_CAPACITY": "-1", "WRITE_CAPACITY": "SECRET", "POLLS": "1.5",
		"POLL_INTERVAL": "2SECRET", "LOG": "SECRET", "SCAN_POLICY": "SECRET", "CURSOR_KEYS": "U0VDUkVU", "BATCH_SIZE": "-7", "BATCH_ATTEMPTS": "SECRET",
		"CONFLICT_ATTEMPTS": "-1", "CONCURRENCY": "SECRET", "ZONE": "SECRET/City", "STANDARD_CODEC": "SECRET", "PLAIN_ALLOC": "SECRET",
	}
	for name, text := range wrong {
		t.Setenv("DYNAREPO_"+name, text)
	}
	cfg, err := ConfigFromEnv()
	assert.Nil(t, cfg)
	require.ErrorIs(t, err, ErrInvalid)
	assert.NotContains(t, err.Error(), "SECRET")
	assert.NotContains(t, err.Error(), "U0VD")
	lines := strings.Split(err.Error(), "\n")
	assert.Len(t, lines, len(wrong))
	for name := range wrong {
		assert.Regexp(t, `(?m)^repo: DYNAREPO_`+name+`(\[0\])?: (want|can't) `, err.Error())
	}
	t.Setenv("DYNAREPO_CURSOR_KEYS", "%%SECRET%%")
	_, err = ConfigFromEnv()
	assert.ErrorContains(t, err, "DYNAREPO_CURSOR_KEYS: want keys in base64, with commas between")
}

// TestConfigurationPage: the page names each field and each variable that there
// is and no other, and every option of Dynamoid's.
func TestConfigurationPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/configuration.md")
	require.NoError(t, err)
	var fields []string
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, prefix string) {
		for f := range typ.Fields() {
			if f.Type == reflect.TypeFor[index.Throughput]() {
				walk(f.Type, prefix+f.Name+".")
				continue
			}
			fields = append(fields, prefix+f.Name)
		}
	}
	walk(reflect.TypeFor[Config](), "")
	want := map[string]string{}
	for _, f := range fields {
		want[f] = ""
	}
	for _, v := range variables {
		assert.Contains(t, want, v.field)
		want[v.field] = v.name
	}
	_, table, ok := strings.Cut(string(page), "| Field |")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "\n\n")
	got := map[string]string{}
	for _, row := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(row, "|")
		got[strings.Trim(cells[1], " `")] = strings.Trim(cells[2], " `")
	}
	assert.Equal(t, want, got)
	for _, option := range []string{
		"adapter", "namespace", "logger", "access_key", "secret_key", "region", "batch_size", "read_capacity", "write_capacity", "warn_on_scan", "endpoint",
		"identity_map", "timestamps", "sync_retry_max_times", "sync_retry_wait_seconds", "convert_big_decimal", "models_dir", "application_timezone",
	} {
		assert.Contains(t, string(page), "`"+option+"`")
	}
}
