package repo

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/key"
)

// TestCauses: what the rooms found is beneath the typed errors, and of an error
// of the service the text has the code alone.
func TestCauses(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	service := &types.LimitExceededException{Message: new("secret")}
	for text, make := range map[string]func(error) error{
		"unprocessed keys are left: 1":  func(err error) error { return makers.Unprocessed([]key.Value{key.Of("k")}, err) },
		"2 operations are left":         func(err error) error { return makers.Batch(fault.Undone{{At: 1, Err: err}, {At: 2, Err: err}}) },
		"repo: M: F: rule":              func(err error) error { return makers.Config("M", "F", "rule", err) },
		"repo: Get t (key id)":          func(err error) error { return makers.Op("Get", "t", "", []string{"id"}, err) },
		"repo: Transact several tables": func(err error) error { return makers.Together("Transact", err) },
	} {
		require.ErrorIs(t, make(cause), cause, text)
		assert.EqualError(t, make(cause), text+": cause")
		require.ErrorIs(t, make(service), service, text)
		assert.NotContains(t, make(service).Error(), "secret", text)
	}
}
