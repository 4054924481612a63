package repo

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"
)

// ConfigFromEnv makes a Config of the environment's variables DYNAREPO_...;
// docs/configuration.md has the table of them. One that is not set, or empty,
// leaves its field zero, which is the default of [Open]. Fields without a
// variable can be set in what is returned. Every fault is reported at once, each
// a [*ConfigError] that names the variable and not its value.
func ConfigFromEnv() (*Config, error) {
	cfg := new(Config)
	var errs []error
	for _, v := range variables {
		text := os.Getenv(v.name)
		if text == "" {
			continue
		}
		if rule := v.set(cfg, text); rule != "" {
			errs = append(errs, &ConfigError{Field: v.name, Rule: rule})
		}
	}
	_, err := cfg.checked()
	if err = errors.Join(append(errs, variableFaults(err)...)...); err != nil {
		return nil, err
	}
	return cfg, nil
}

// A variable sets a field of a Config, or returns what it wants to be.
type variable struct {
	name, field string
	set         func(c *Config, text string) (rule string)
}

var variables = []variable{
	{"DYNAREPO_NAMESPACE", "Namespace", func(c *Config, s string) string { c.Namespace = s; return "" }},
	{"DYNAREPO_ENDPOINT", "Endpoint", func(c *Config, s string) string { c.Endpoint = s; return "" }},
	{"DYNAREPO_REGION", "Region", func(c *Config, s string) string { c.Region = s; return "" }},
	{"DYNAREPO_ON_DEMAND", "OnDemand", func(c *Config, s string) string { return parse(&c.OnDemand, s, strconv.ParseBool, "true or false") }},
	{"DYNAREPO_READ_CAPACITY", "Throughput.Read", func(c *Config, s string) string { return parse(&c.Throughput.Read, s, integer, wholeNumber) }},
	{"DYNAREPO_WRITE_CAPACITY", "Throughput.Write", func(c *Config, s string) string { return parse(&c.Throughput.Write, s, integer, wholeNumber) }},
	{"DYNAREPO_POLLS", "Polls", func(c *Config, s string) string { return parse(&c.Polls, s, strconv.Atoi, wholeNumber) }},
	{"DYNAREPO_POLL_INTERVAL", "PollInterval", func(c *Config, s string) string {
		return parse(&c.PollInterval, s, time.ParseDuration, "a duration, such as 2s")
	}},
	{"DYNAREPO_LOG", "Logger", func(c *Config, s string) string {
		return parse(&c.Logger, s, logger, "debug, info, warn, error or off")
	}},
	{"DYNAREPO_SCAN_POLICY", "ScanPolicy", func(c *Config, s string) string {
		return parse(&c.ScanPolicy, s, scanPolicy, "warn, refuse or allow")
	}},
	{"DYNAREPO_CURSOR_KEYS", "CursorKeys", func(c *Config, s string) string {
		return parse(&c.CursorKeys, s, cursorKeys, "keys in base64, with commas between")
	}},
	{"DYNAREPO_BATCH_SIZE", "BatchSize", func(c *Config, s string) string { return parse(&c.BatchSize, s, strconv.Atoi, wholeNumber) }},
	{"DYNAREPO_BATCH_ATTEMPTS", "BatchAttempts", func(c *Config, s string) string { return parse(&c.BatchAttempts, s, strconv.Atoi, wholeNumber) }},
	{"DYNAREPO_CONFLICT_ATTEMPTS", "ConflictAttempts", func(c *Config, s string) string {
		return parse(&c.ConflictAttempts, s, strconv.Atoi, wholeNumber)
	}},
	{"DYNAREPO_CONCURRENCY", "Concurrency", func(c *Config, s string) string { return parse(&c.Concurrency, s, strconv.Atoi, wholeNumber) }},
	{"DYNAREPO_ZONE", "Zone", func(c *Config, s string) string {
		return parse(&c.Zone, s, time.LoadLocation, "a zone's name, such as Europe/Zurich, UTC or Local")
	}},
	{"DYNAREPO_STANDARD_CODEC", "StandardCodec", func(c *Config, s string) string {
		return parse(&c.StandardCodec, s, strconv.ParseBool, "true or false")
	}},
	{"DYNAREPO_PLAIN_ALLOC", "PlainAlloc", func(c *Config, s string) string { return parse(&c.PlainAlloc, s, strconv.ParseBool, "true or false") }},
}

const wholeNumber = "a whole number"

// parse sets into to what text stands for, or says what it should be: the error
// of a parser quotes the text, which may be a secret in the wrong place.
func parse[V any](into *V, text string, by func(string) (V, error), form string) (rule string) {
	v, err := by(text)
	if err != nil {
		return "want " + form
	}
	*into = v
	return ""
}

var errForm = errors.New("not of the form")

func integer(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// logger returns a logger on standard error for lines of the level or above.
func logger(s string) (*slog.Logger, error) {
	if strings.EqualFold(s, "off") {
		return slog.New(slog.DiscardHandler), nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(s)); err != nil {
		return nil, err
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})), nil
}

func scanPolicy(s string) (ScanPolicy, error) {
	policies := map[string]ScanPolicy{"warn": ScanWarn, "refuse": ScanRefuse, "allow": ScanAllow}
	p, ok := policies[strings.ToLower(s)]
	if !ok {
		return 0, errForm
	}
	return p, nil
}

func cursorKeys(s string) ([][]byte, error) {
	var keys [][]byte
	for text := range strings.SplitSeq(s, ",") {
		k, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// variableFaults takes the faults of a Config apart and names the variables that
// the fields were set by.
func variableFaults(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	errs := joined.Unwrap()
	for _, err := range errs {
		fault, _ := errors.AsType[*ConfigError](err)
		for _, v := range variables {
			if rest, ok := strings.CutPrefix(fault.Field, "Config."+v.field); ok {
				fault.Field = v.name + rest
				break
			}
		}
	}
	return errs
}
