package demo

import (
	"fmt"
	"strings"

	"bevis/internal/control"
	"bevis/internal/scope"
)

// record makes the sample file for one performance of a control: small, readable
// and plainly fictitious.
func record(c control.LibraryControl, kind string, day scope.Day, who person) (name, body string) {
	head := fmt.Sprintf("# %s: sample record of a fictitious company\n# %s\n# %s, performed by %s\n", company, c.Title.EN, day, who.name)
	stem := strings.ToLower(c.Code) + "-" + string(day)
	switch kind {
	case "access_log":
		return stem + ".csv", "account,role,last_used,reviewer,decision\n" +
			fmt.Sprintf("erik.holm,Developer,%s,maja.lind,keep\nsara.oberg,Administrator,%s,maja.lind,keep\nsvc-export,ReadOnly,%s,erik.holm,keep\ntmp-vendor,ReadOnly,%s,sara.oberg,remove\n", day.Add(-1), day.Add(-2), day.Add(-9), day.Add(-80))
	case "training_record", "policy_acknowledgement":
		var out strings.Builder
		out.WriteString("person,assigned,completed\n")
		for _, p := range staff {
			fmt.Fprintf(&out, "%s,%s,%s\n", p.name, day.Add(-20), day.Add(-3))
		}
		return stem + ".csv", out.String()
	case "backup_restore":
		return stem + ".json", fmt.Sprintf("{\n  \"job\": \"platform-db\",\n  \"day\": %q,\n  \"status\": \"ok\",\n  \"bytes\": %d,\n  \"encrypted\": true,\n  \"sample\": true\n}\n", day, 41_200_000_000+int64(day.Sub("2025-01-01"))*1_300_000)
	case "system_monitoring":
		return stem + ".json", fmt.Sprintf("{\n  \"report\": %q,\n  \"day\": %q,\n  \"hosts_expected\": 42,\n  \"hosts_reporting\": 42,\n  \"alerts\": 3,\n  \"acknowledged\": 3,\n  \"sample\": true\n}\n", c.Title.EN, day)
	case "incident_report":
		return stem + ".md", head + "\nExercise: the on-call engineer receives an alert about unusual downloads.\nDetected 10:02, declared 10:11, contained 10:40, closed 12:05.\nLesson: the telephone list was out of date and has been corrected.\n"
	case "vendor_due_diligence":
		return stem + ".csv", fmt.Sprintf("vendor,tier,report_type,period_end,exceptions,decision\nMoln Exempel AB,critical,SOC 2 Type 2,%s,0,keep\nPost Exempel AB,medium,ISO 27001,%s,0,keep\n", day.Add(-60), day.Add(-120))
	default:
		return stem + ".md", head + "\nPresent: Maja Lind, Jonas Ek.\n" + c.Statement("en", nil) + "\nThe record was read and approved.\n"
	}
}
