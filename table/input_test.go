package table

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestCreateInput pins the request of every kind of declaration (rules K6, L1).
func TestCreateInput(t *testing.T) {
	t.Parallel()
	hash := func(name string) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeHash}
	}
	sort := func(name string) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeRange}
	}
	attr := func(name string, t types.ScalarAttributeType) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: t}
	}
	units := func(read, write int64) *types.ProvisionedThroughput {
		return &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(read), WriteCapacityUnits: aws.Int64(write)}
	}
	all := &types.Projection{ProjectionType: types.ProjectionTypeAll}
	const (
		s = types.ScalarAttributeTypeS
		n = types.ScalarAttributeTypeN
		b = types.ScalarAttributeTypeB
	)

	tests := map[string]struct {
		spec     repo.Spec
		settings Settings
		want     dynamodb.CreateTableInput
	}{
		"hash key alone, default capacity": {
			spec: repo.Spec{Key: key.Spec{Hash: key.String("id")}},
			want: dynamodb.CreateTableInput{
				KeySchema:             []types.KeySchemaElement{hash("id")},
				AttributeDefinitions:  []types.AttributeDefinition{attr("id", s)},
				BillingMode:           types.BillingModeProvisioned,
				ProvisionedThroughput: units(100, 20),
			},
		},
		"composite keys are strings, own capacity": {
			spec: repo.Spec{
				Key: key.Spec{
					Hash:  key.Composite("id", key.String("model_id"), key.Int("account_id")),
					Range: key.Composite("at", key.Literal("AT"), key.Int("second").Sortable()),
				},
				Throughput: index.Throughput{Read: 7, Write: 3},
			},
			want: dynamodb.CreateTableInput{
				KeySchema:             []types.KeySchemaElement{hash("id"), sort("at")},
				AttributeDefinitions:  []types.AttributeDefinition{attr("at", s), attr("id", s)},
				BillingMode:           types.BillingModeProvisioned,
				ProvisionedThroughput: units(7, 3),
			},
		},
		"one unit declared, the other the default": {
			spec: repo.Spec{Key: key.Spec{Hash: key.Binary("id")}, Throughput: index.Throughput{Write: 3}},
			want: dynamodb.CreateTableInput{
				KeySchema:             []types.KeySchemaElement{hash("id")},
				AttributeDefinitions:  []types.AttributeDefinition{attr("id", b)},
				BillingMode:           types.BillingModeProvisioned,
				ProvisionedThroughput: units(100, 3),
			},
		},
		"indexes: projections, and capacity that is not the table's": {
			spec: repo.Spec{
				Key:        key.Spec{Hash: key.String("model_id"), Range: key.Int("position")},
				Throughput: index.Throughput{Read: 7, Write: 3},
				Indexes: []index.Spec{
					index.Global("user_idx", key.String("user_id"), key.Number("score")).Include("tags", "note").WithThroughput(5, 2),
					index.Local("score_idx", key.Number("score")),
					index.Global("position_idx", key.Int("position")).KeysOnly(),
					index.Local("user_local_idx", key.String("user_id")).Include("tags"),
				},
			},
			want: dynamodb.CreateTableInput{
				KeySchema:             []types.KeySchemaElement{hash("model_id"), sort("position")},
				AttributeDefinitions:  []types.AttributeDefinition{attr("model_id", s), attr("position", n), attr("score", n), attr("user_id", s)},
				BillingMode:           types.BillingModeProvisioned,
				ProvisionedThroughput: units(7, 3),
				GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
					{
						IndexName:             aws.String("user_idx"),
						KeySchema:             []types.KeySchemaElement{hash("user_id"), sort("score")},
						Projection:            &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"tags", "note"}},
						ProvisionedThroughput: units(5, 2),
					},
					{
						IndexName:             aws.String("position_idx"),
						KeySchema:             []types.KeySchemaElement{hash("position")},
						Projection:            &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
						ProvisionedThroughput: units(100, 20),
					},
				},
				LocalSecondaryIndexes: []types.LocalSecondaryIndex{
					{
						IndexName:  aws.String("score_idx"),
						KeySchema:  []types.KeySchemaElement{hash("model_id"), sort("score")},
						Projection: all,
					},
					{
						IndexName:  aws.String("user_local_idx"),
						KeySchema:  []types.KeySchemaElement{hash("model_id"), sort("user_id")},
						Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"tags"}},
					},
				},
			},
		},
		"on demand, no capacity anywhere": {
			spec: repo.Spec{
				Key:        key.Spec{Hash: key.String("id")},
				Indexes:    []index.Spec{index.Global("user_idx", key.String("user_id")).WithThroughput(5, 2)},
				OnDemand:   true,
				Throughput: index.Throughput{Read: 7, Write: 3},
			},
			want: dynamodb.CreateTableInput{
				KeySchema:            []types.KeySchemaElement{hash("id")},
				AttributeDefinitions: []types.AttributeDefinition{attr("id", s), attr("user_id", s)},
				BillingMode:          types.BillingModePayPerRequest,
				GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
					IndexName:  aws.String("user_idx"),
					KeySchema:  []types.KeySchemaElement{hash("user_id")},
					Projection: all,
				}},
			},
		},
		"settings": {
			spec: repo.Spec{Key: key.Spec{Hash: key.String("id")}, OnDemand: true},
			settings: Settings{
				Stream: types.StreamViewTypeKeysOnly, Protection: aws.Bool(true), Recovery: aws.Bool(true), Tags: map[string]string{"team": "a", "cost": "b"},
			},
			want: dynamodb.CreateTableInput{
				KeySchema:                 []types.KeySchemaElement{hash("id")},
				AttributeDefinitions:      []types.AttributeDefinition{attr("id", s)},
				BillingMode:               types.BillingModePayPerRequest,
				StreamSpecification:       &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly},
				DeletionProtectionEnabled: aws.Bool(true),
				Tags:                      []types.Tag{{Key: aws.String("cost"), Value: aws.String("b")}, {Key: aws.String("team"), Value: aws.String("a")}},
			},
		},
		"settings off": {
			spec:     repo.Spec{Key: key.Spec{Hash: key.String("id")}, OnDemand: true},
			settings: Settings{Stream: NoStream, Protection: aws.Bool(false), Recovery: aws.Bool(false)},
			want: dynamodb.CreateTableInput{
				KeySchema:            []types.KeySchemaElement{hash("id")},
				AttributeDefinitions: []types.AttributeDefinition{attr("id", s)},
				BillingMode:          types.BillingModePayPerRequest,
			},
		},
		"a key of several attributes, each in its order": {
			spec: repo.Spec{
				Key: key.Spec{Hash: key.String("id")},
				Indexes: []index.Spec{index.Global("wide_idx",
					key.Multi(key.String("tenant"), key.Int("region")),
					key.Multi(key.String("day"), key.Number("amount"), key.String("id")))},
			},
			want: dynamodb.CreateTableInput{
				KeySchema:             []types.KeySchemaElement{hash("id")},
				AttributeDefinitions:  []types.AttributeDefinition{attr("amount", n), attr("day", s), attr("id", s), attr("region", n), attr("tenant", s)},
				BillingMode:           types.BillingModeProvisioned,
				ProvisionedThroughput: units(100, 20),
				GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
					IndexName:             aws.String("wide_idx"),
					KeySchema:             []types.KeySchemaElement{hash("tenant"), hash("region"), sort("day"), sort("amount"), sort("id")},
					Projection:            all,
					ProvisionedThroughput: units(100, 20),
				}},
			},
		},
	}
	db, err := repo.NewDB(dynamodb.New(dynamodb.Options{}), nil)
	require.NoError(t, err)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.want.TableName = aws.String("app_things")
			assert.Equal(t, &tt.want, createInput(&Design{db: db, table: "app_things", spec: tt.spec, settings: tt.settings}))
		})
	}
}
