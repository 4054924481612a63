package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/repo"
)

// String names the attributes.
func (k Keys) String() string {
	text := "hash " + strings.Join(k.Hash, ", ")
	if len(k.Range) > 0 {
		text += ", sort " + strings.Join(k.Range, ", ")
	}
	return text
}

func (k Keys) equal(other Keys) bool {
	return slices.Equal(k.Hash, other.Hash) && slices.Equal(k.Range, other.Range)
}

// onOff names how something should be.
func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// describeTable tells what a CreateTable for the model holds.
func describeTable(m Model) string {
	spec := m.Spec()
	texts := []string{newKeys(keySchema(spec.Key)).String()}
	if onDemand(m) {
		texts = append(texts, "on demand")
	} else {
		texts = append(texts, unitsText(orElse(spec.Throughput, m.DB().Config().Throughput)))
	}
	for _, idx := range spec.Indexes {
		texts = append(texts, scope(idx.IsLocal())+" index "+indexText(spec, idx))
	}
	settings := settingsOf(m)
	if settings.Stream != "" && settings.Stream != NoStream {
		texts = append(texts, "a stream of "+string(settings.Stream))
	}
	if aws.ToBool(settings.Protection) {
		texts = append(texts, "deletion protection")
	}
	if len(settings.Tags) > 0 {
		texts = append(texts, "the tags "+strings.Join(slices.Sorted(maps.Keys(settings.Tags)), ", "))
	}
	return strings.Join(texts, "; ")
}

func indexText(spec repo.Spec, idx index.Spec) string {
	return fmt.Sprintf("%s: %s, projecting %s", idx.Name(), newKeys(keySchema(idx.Key(spec.Key))), projectionText(idx.Projection(), idx.Included()))
}

// projectionText names what is projected, attributes in the order of their
// names.
func projectionText(p types.ProjectionType, included []string) string {
	if p != types.ProjectionTypeInclude {
		return string(p)
	}
	return string(p) + " " + strings.Join(slices.Sorted(slices.Values(included)), ", ")
}

func scope(local bool) string {
	if local {
		return "local"
	}
	return "global"
}

func unitsText(t index.Throughput) string {
	return fmt.Sprintf("%d read and %d write units", t.Read, t.Write)
}

func newUnits(p *types.ProvisionedThroughput) index.Throughput {
	return index.Throughput{Read: aws.ToInt64(p.ReadCapacityUnits), Write: aws.ToInt64(p.WriteCapacityUnits)}
}
