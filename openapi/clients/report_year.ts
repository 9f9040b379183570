import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { env } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./baocao.d.ts";

function done<T>(answer: { data?: T; error?: components["schemas"]["Problem"] }): T {
  if (answer.data === undefined) throw new Error(`refused: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

const client = (key = "", baseUrl = env.BAOCAO_URL) =>
  createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
const [unit, focal] = [client(env.BAOCAO_KEY), client(env.BAOCAO_FOCAL_KEY)];
const [plan, year] = ["tuyen-truyen-2021-2025", 2021];
const what = { plan, plan_item: "III.1.b", channel: "portal", title: "Đăng tin về Đại hội" };
const whose = { unit: env.BAOCAO_UNIT ?? "", source_system: "report-year" };
for (const day of ["2021-09-10", "2021-09-11"]) {
  const body = { ...what, ...whose, occurred_on: day, external_id: day };
  done(await unit.POST("/v1/activity-reports", { body }));
}
const draft = done(await unit.POST("/v1/submissions", { body: { plan, year } }));
const days = { document_on: "2021-11-22", data_to: "2021-11-20" };
const body = { document_number: "215/BC", signer_title: "Phó Chủ tịch", ...days };
const params = { path: { submission_id: draft.id } };
done(await unit.POST("/v1/submissions/{submission_id}/submit", { params, body }));
done(await focal.POST("/v1/submissions/{submission_id}/accept", { params }));
const wanted = { params: { header: { "Idempotency-Key": randomUUID() } }, body: { plan, year } };
let asked = done(await focal.POST("/v1/consolidated-reports", wanted));
while (["queued", "running"].includes(asked.state)) {
  await sleep(200);
  const params = { path: { request_id: asked.id } };
  asked = done(await focal.GET("/v1/consolidation-requests/{request_id}", { params }));
}
const latest = { params: { path: { plan, year } }, parseAs: "text" as const };
const report = await focal.GET("/v1/plans/{plan}/cycles/{year}/consolidated-report", latest);
writeFileSync("consolidated-report.json", done(report));
const sha256 = report.response.headers.get("X-Report-SHA256");
console.log(`${asked.state}: version ${asked.version}, SHA-256 ${sha256}`);
