package repo_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestServiceErrorsAreSilent: whatever the service says, our texts tell its
// code alone, and errors.As finds the rest.
func TestServiceErrorsAreSilent(t *testing.T) {
	t.Parallel()
	for _, standard := range []bool{false, true} {
		r, tr, log := vaults(t, standard)
		require.NoError(t, r.Put(t.Context(), secretVault()))
		for code, status := range map[string]int{
			"ValidationException": 400, "ResourceNotFoundException": 400, "ConditionalCheckFailedException": 400, "AccessDeniedException": 400,
			"TransactionCanceledException": 400, "ProvisionedThroughputExceededException": 400, "InternalServerError": 500, "NobodyKnowsException": 400,
		} {
			trouble := tr.On("*").Do(says(status, code))
			for op, do := range operations(t.Context(), r) {
				err := do()
				silent(t, code+" "+op, err)
				api := apiError(err)
				require.Error(t, api, "%s %s", code, op)
				assert.Contains(t, api.Error(), secretText, "what the service said is beneath")
			}
			trouble.Stop()
		}
		quiet(t, "log", log.String())
	}
}

// TestRefusalsAreSilent: what is refused, here or by the engine, is told
// without values.
func TestRefusalsAreSilent(t *testing.T) {
	t.Parallel()
	r, tr, log := vaults(t, *standard)
	ctx, db := t.Context(), r.DB()
	one := secretVault()
	require.NoError(t, r.Create(ctx, one))
	stale, large := *one, *secretVault()
	stale.Version = 9
	large.Text = strings.Repeat(secretText, 70_000)
	empty := vault{Text: secretText, Kind: kind{secretText + "!"}}
	q := r.Query(key.Of(secretText, secretNumber))
	nobody := cond.Name[vault]("nobody")
	cursor, err := q.CursorAfter(*one)
	require.NoError(t, err)
	for name, do := range map[string]func() error{
		"exists":        func() error { return r.Create(ctx, secretVault()) },
		"stale":         func() error { return r.Save(ctx, &stale) },
		"stale destroy": func() error { return r.Destroy(ctx, &stale) },
		"a condition":   func() error { return r.If(vaultText.Eq(secretText+"?")).Delete(ctx, vaultKey) },
		"an update's":   func() error { return second(r.If(vaultText.Eq("x")).Update(ctx, vaultKey, vaultText.Set(secretText))) },
		"no item": func() error {
			return second(r.Update(ctx, key.Of(secretText, secretNumber).Range(1), vaultText.Set(secretText)))
		},
		"a transaction": func() error { return db.Transact(ctx, r.Ops().Create(secretVault())) },
		"a missing read": func() error {
			return db.TransactGet(ctx, r.Into(key.Of(secretText, secretNumber).Range(2), new(vault)))
		},
		"two on one item":     func() error { return db.Batch(ctx, r.Ops().Delete(vaultKey), r.Ops().Delete(vaultKey)) },
		"too large":           func() error { return r.Put(ctx, &large) },
		"a marshaler":         func() error { return r.Put(ctx, &vault{Owner: secretText, At: secretNumber}) },
		"an empty key":        func() error { return r.Put(ctx, &vault{Kind: empty.Kind, Owner: strings.Repeat(secretText, 400)}) },
		"overlapping changes": func() error { return second(r.Update(ctx, vaultKey, vaultText.Set(secretText), vaultText.Remove())) },
		"a change of the key": func() error { return second(r.Update(ctx, vaultKey, vaultAt.Set(secretNumber))) },
		"an unknown change":   func() error { return second(r.Update(ctx, vaultKey, nobody.Set(secretText))) },
		"an unknown filter":   func() error { return second(q.Where(nobody.Eq(secretText)).Collect(ctx)) },
		"of another kind":     func() error { return second(q.Where(cond.Name[vault]("small").Eq(secretText)).Collect(ctx)) },
		"reversed bounds":     func() error { return second(q.Where(vaultAt.Between(secretNumber+1, secretNumber)).Collect(ctx)) },
		"a raw key":           func() error { return second(q.Sort(expression.Key("at").BeginsWith(secretText)).Collect(ctx)) },
		"a raw filter": func() error {
			return second(q.Filter(expression.Name("owner").In(expression.Value(secretText), expression.Value(nil), expression.Name(""))).Collect(ctx))
		},
		"a cursor's place": func() error { return second(r.Scan().From(cursor).Collect(ctx)) },
		"an item's place":  func() error { return second(q.Index("text_idx").StartAfter(empty).Collect(ctx)) },
		"many bad keys": func() error {
			return second(r.GetMany(ctx, []key.Value{key.Of(secretText), key.Of(secretText, secretText).Range(secretText)}))
		},
	} {
		silent(t, name, do())
	}
	_, err = dyniter.ParseCursor(cursor.String() + secretText)
	require.ErrorIs(t, err, dyniter.ErrCursor)
	quiet(t, "a tampered token", err.Error())

	_, err = r.Where(vaultAt.Gt(secretNumber), vaultText.Ne(secretText)).Collect(ctx)
	require.NoError(t, err)
	assert.NotEmpty(t, log.String())
	quiet(t, "log", log.String())
	plan, err := q.Where(vaultText.Ne(secretText)).StartAfter(vaultKey).Plan()
	require.NoError(t, err)
	quiet(t, "plan", fmt.Sprintf("%v %+v", plan, plan))

	var failed *repo.ConditionError
	require.ErrorAs(t, r.If(vaultText.Eq("x")).Delete(ctx, vaultKey), &failed)
	assert.Equal(t, str(secretText), failed.Stored["text"], "the stored item is in a field")
	tr.On("*").Do(faults.CutBefore())
	silent(t, "no connection", second(r.Get(ctx, vaultKey)))
}

// TestDecodingIsSilent: a stored item that does not fit is ErrDecode, and an
// answer that is broken on the way an error, with names alone.
func TestDecodingIsSilent(t *testing.T) {
	t.Parallel()
	for _, standard := range []bool{false, true} {
		r, tr, log := vaults(t, standard)
		secret, number := str(secretText), num(fmt.Sprint(secretNumber))
		reads := func(name string, is error) {
			for op, do := range operations(t.Context(), r) {
				switch op {
				case "Get", "GetMany", "Query", "index", "hydrated", "ahead", "Scan", "First", "Update", "TransactRd":
					err := do()
					silent(t, name+" "+op, err)
					if is != nil {
						require.ErrorIs(t, err, is, "%s %s", name, op)
					}
				}
			}
		}
		for attr, wrong := range map[string]types.AttributeValue{
			"kind": secret, "made": secret, "set": secret, "inner": &types.AttributeValueMemberM{Value: av{secretText: secret}}, "small": number,
			"shelf": num("1.5"),
		} {
			m := av{
				"id": str(secretText + "|" + fmt.Sprint(secretNumber)), "owner": secret, "shelf": number, "at": number, "text": secret,
				"kind": str(secretText + "!"), "version": num("1"),
			}
			m[attr] = wrong
			store(t, r, m)
			reads(attr, repo.ErrDecode)
		}
		require.NoError(t, r.Put(t.Context(), secretVault()))
		for name, fault := range map[string]faults.Fault{
			"truncated": faults.Truncate(60), "shortened": faults.Shorten(60), "no JSON": faults.Answer(func([]byte) []byte { return []byte(secretText) }),
			"of another form": faults.Answer(func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(`{"S"`), []byte(`{"`+secretText+`"`)) }),
		} {
			trouble := tr.On("*").Do(fault)
			for _, op := range []string{"Get", "GetMany", "Query", "Scan"} {
				silent(t, name+" "+op, operations(t.Context(), r)[op]())
			}
			trouble.Stop()
		}
		quiet(t, "log", log.String())
	}
}

// TestErrorTexts pins how an error reads, and what is found in it.
func TestErrorTexts(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	for want, err := range map[string]error{
		"repo: Get t: cause":                       &repo.Error{Op: "Get", Table: "t", Err: cause},
		"repo: Get t (key a, b): cause":            &repo.Error{Op: "Get", Table: "t", Attrs: []string{"a", "b"}, Err: cause},
		"repo: Query t index i: cause":             &repo.Error{Op: "Query", Table: "t", Index: "i", Err: cause},
		"repo: Get t: operation error X: 1: cause": &repo.Error{Op: "Get", Table: "t", Err: fmt.Errorf("operation error X: %d: %w", 1, cause)},
		"unprocessed keys are left: 1":             &repo.UnprocessedError{Keys: []key.Value{vaultKey}},
		"repo: Get t: ResourceNotFoundException: no such table in this region, account or endpoint; table.Create makes one": &repo.Error{Op: "Get", Table: "t", Err: fmt.Errorf("sent: %w", &types.ResourceNotFoundException{Message: new(secretText)})},
	} {
		assert.EqualError(t, err, want)
		if !strings.Contains(want, "cause") {
			continue
		}
		require.ErrorIs(t, err, cause)
	}
	several := &repo.Error{Op: "Get", Table: "t", Err: errors.Join(cause, &types.InternalServerError{Message: new(secretText)})}
	require.EqualError(t, several, "repo: Get t: InternalServerError")
	require.ErrorIs(t, several, cause)
}
