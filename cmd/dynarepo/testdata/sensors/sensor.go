package sensors

import (
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

//go:generate go tool dynarepo attrs -type Sensor

// Sensor is an item of table sensors, made from all items (1).
type Sensor struct {
	Serial []byte `dynamodbav:"Serial"`
	Site   string `dynamodbav:"Site,omitempty"` // in no item of the sample: the type is that of the key
	Name   string `dynamodbav:"Name"`
}

// SensorSpec declares table sensors.
var SensorSpec = repo.Spec{
	Table: "sensors",
	Key: key.Spec{
		Hash: key.Binary("Serial"),
	},
	Indexes: []index.Spec{
		index.Global("bySite", key.String("Site")).KeysOnly().WithThroughput(5, 2),
	},
	Throughput: index.Throughput{Read: 7, Write: 3},
}
