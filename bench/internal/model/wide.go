package model

import (
	"fmt"
	"reflect"
)

// Wide is an item of 100 attributes.
type Wide struct {
	PK    string  `dynamodbav:"pk" dynamo:"pk"`
	SK    string  `dynamodbav:"sk" dynamo:"sk"`
	Score float64 `dynamodbav:"score" dynamo:"score"`
	F00   string  `dynamodbav:"field_00" dynamo:"field_00"`
	F01   int64   `dynamodbav:"field_01" dynamo:"field_01"`
	F02   float64 `dynamodbav:"field_02" dynamo:"field_02"`
	F03   bool    `dynamodbav:"field_03" dynamo:"field_03"`
	F04   string  `dynamodbav:"field_04" dynamo:"field_04"`
	F05   int64   `dynamodbav:"field_05" dynamo:"field_05"`
	F06   float64 `dynamodbav:"field_06" dynamo:"field_06"`
	F07   bool    `dynamodbav:"field_07" dynamo:"field_07"`
	F08   string  `dynamodbav:"field_08" dynamo:"field_08"`
	F09   int64   `dynamodbav:"field_09" dynamo:"field_09"`
	F10   float64 `dynamodbav:"field_10" dynamo:"field_10"`
	F11   bool    `dynamodbav:"field_11" dynamo:"field_11"`
	F12   string  `dynamodbav:"field_12" dynamo:"field_12"`
	F13   int64   `dynamodbav:"field_13" dynamo:"field_13"`
	F14   float64 `dynamodbav:"field_14" dynamo:"field_14"`
	F15   bool    `dynamodbav:"field_15" dynamo:"field_15"`
	F16   string  `dynamodbav:"field_16" dynamo:"field_16"`
	F17   int64   `dynamodbav:"field_17" dynamo:"field_17"`
	F18   float64 `dynamodbav:"field_18" dynamo:"field_18"`
	F19   bool    `dynamodbav:"field_19" dynamo:"field_19"`
	F20   string  `dynamodbav:"field_20" dynamo:"field_20"`
	F21   int64   `dynamodbav:"field_21" dynamo:"field_21"`
	F22   float64 `dynamodbav:"field_22" dynamo:"field_22"`
	F23   bool    `dynamodbav:"field_23" dynamo:"field_23"`
	F24   string  `dynamodbav:"field_24" dynamo:"field_24"`
	F25   int64   `dynamodbav:"field_25" dynamo:"field_25"`
	F26   float64 `dynamodbav:"field_26" dynamo:"field_26"`
	F27   bool    `dynamodbav:"field_27" dynamo:"field_27"`
	F28   string  `dynamodbav:"field_28" dynamo:"field_28"`
	F29   int64   `dynamodbav:"field_29" dynamo:"field_29"`
	F30   float64 `dynamodbav:"field_30" dynamo:"field_30"`
	F31   bool    `dynamodbav:"field_31" dynamo:"field_31"`
	F32   string  `dynamodbav:"field_32" dynamo:"field_32"`
	F33   int64   `dynamodbav:"field_33" dynamo:"field_33"`
	F34   float64 `dynamodbav:"field_34" dynamo:"field_34"`
	F35   bool    `dynamodbav:"field_35" dynamo:"field_35"`
	F36   string  `dynamodbav:"field_36" dynamo:"field_36"`
	F37   int64   `dynamodbav:"field_37" dynamo:"field_37"`
	F38   float64 `dynamodbav:"field_38" dynamo:"field_38"`
	F39   bool    `dynamodbav:"field_39" dynamo:"field_39"`
	F40   string  `dynamodbav:"field_40" dynamo:"field_40"`
	F41   int64   `dynamodbav:"field_41" dynamo:"field_41"`
	F42   float64 `dynamodbav:"field_42" dynamo:"field_42"`
	F43   bool    `dynamodbav:"field_43" dynamo:"field_43"`
	F44   string  `dynamodbav:"field_44" dynamo:"field_44"`
	F45   int64   `dynamodbav:"field_45" dynamo:"field_45"`
	F46   float64 `dynamodbav:"field_46" dynamo:"field_46"`
	F47   bool    `dynamodbav:"field_47" dynamo:"field_47"`
	F48   string  `dynamodbav:"field_48" dynamo:"field_48"`
	F49   int64   `dynamodbav:"field_49" dynamo:"field_49"`
	F50   float64 `dynamodbav:"field_50" dynamo:"field_50"`
	F51   bool    `dynamodbav:"field_51" dynamo:"field_51"`
	F52   string  `dynamodbav:"field_52" dynamo:"field_52"`
	F53   int64   `dynamodbav:"field_53" dynamo:"field_53"`
	F54   float64 `dynamodbav:"field_54" dynamo:"field_54"`
	F55   bool    `dynamodbav:"field_55" dynamo:"field_55"`
	F56   string  `dynamodbav:"field_56" dynamo:"field_56"`
	F57   int64   `dynamodbav:"field_57" dynamo:"field_57"`
	F58   float64 `dynamodbav:"field_58" dynamo:"field_58"`
	F59   bool    `dynamodbav:"field_59" dynamo:"field_59"`
	F60   string  `dynamodbav:"field_60" dynamo:"field_60"`
	F61   int64   `dynamodbav:"field_61" dynamo:"field_61"`
	F62   float64 `dynamodbav:"field_62" dynamo:"field_62"`
	F63   bool    `dynamodbav:"field_63" dynamo:"field_63"`
	F64   string  `dynamodbav:"field_64" dynamo:"field_64"`
	F65   int64   `dynamodbav:"field_65" dynamo:"field_65"`
	F66   float64 `dynamodbav:"field_66" dynamo:"field_66"`
	F67   bool    `dynamodbav:"field_67" dynamo:"field_67"`
	F68   string  `dynamodbav:"field_68" dynamo:"field_68"`
	F69   int64   `dynamodbav:"field_69" dynamo:"field_69"`
	F70   float64 `dynamodbav:"field_70" dynamo:"field_70"`
	F71   bool    `dynamodbav:"field_71" dynamo:"field_71"`
	F72   string  `dynamodbav:"field_72" dynamo:"field_72"`
	F73   int64   `dynamodbav:"field_73" dynamo:"field_73"`
	F74   float64 `dynamodbav:"field_74" dynamo:"field_74"`
	F75   bool    `dynamodbav:"field_75" dynamo:"field_75"`
	F76   string  `dynamodbav:"field_76" dynamo:"field_76"`
	F77   int64   `dynamodbav:"field_77" dynamo:"field_77"`
	F78   float64 `dynamodbav:"field_78" dynamo:"field_78"`
	F79   bool    `dynamodbav:"field_79" dynamo:"field_79"`
	F80   string  `dynamodbav:"field_80" dynamo:"field_80"`
	F81   int64   `dynamodbav:"field_81" dynamo:"field_81"`
	F82   float64 `dynamodbav:"field_82" dynamo:"field_82"`
	F83   bool    `dynamodbav:"field_83" dynamo:"field_83"`
	F84   string  `dynamodbav:"field_84" dynamo:"field_84"`
	F85   int64   `dynamodbav:"field_85" dynamo:"field_85"`
	F86   float64 `dynamodbav:"field_86" dynamo:"field_86"`
	F87   bool    `dynamodbav:"field_87" dynamo:"field_87"`
	F88   string  `dynamodbav:"field_88" dynamo:"field_88"`
	F89   int64   `dynamodbav:"field_89" dynamo:"field_89"`
	F90   float64 `dynamodbav:"field_90" dynamo:"field_90"`
	F91   bool    `dynamodbav:"field_91" dynamo:"field_91"`
	F92   string  `dynamodbav:"field_92" dynamo:"field_92"`
	F93   int64   `dynamodbav:"field_93" dynamo:"field_93"`
	F94   float64 `dynamodbav:"field_94" dynamo:"field_94"`
	F95   bool    `dynamodbav:"field_95" dynamo:"field_95"`
	F96   string  `dynamodbav:"field_96" dynamo:"field_96"`
}

// WideModel returns the model of Wide.
func WideModel() *Model[Wide] {
	return &Model[Wide]{
		Name:     "wide",
		PageSize: 100,
		At:       wideAt,
		Score:    func(w *Wide) *float64 { return &w.Score },
		Encode:   encodeWide,
		Decode:   decodeWide,
	}
}

func wideAt(i int) Wide {
	var w Wide
	for n, field := range reflect.ValueOf(&w).Elem().Fields() {
		switch {
		case field.Kind() == reflect.String:
			field.SetString(fmt.Sprintf("value %d of %s", i, n.Name))
		case field.CanInt():
			field.SetInt(int64(i % 1000 * 31))
		case field.CanFloat():
			field.SetFloat(float64(i%1000) * 1.25)
		default:
			field.SetBool(i%2 == 0)
		}
	}
	k := KeyAt(i)
	w.PK, w.SK = k.PK, k.SK
	return w
}
