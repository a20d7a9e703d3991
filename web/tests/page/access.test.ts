// Who has come through Cloudflare Access: the Worker's word is played here, and checked in its own tests.

import { expect, test } from "vitest";

import { openPage } from "./world";

test("who has come through Access is named, and signs out there", async () => {
  const page = await openPage({ isPerson: true });
  await page.route("**/api/session", async (route) => {
    const told = (await (await route.fetch()).json()) as object;
    await route.fulfill({ json: { ...told, name: "mio@example.com", signIn: ["access"] } });
  });
  await page.route("**/cdn-cgi/access/logout", (route) => route.fulfill({ body: "signed out" }));
  await page.reload();
  await page.locator(".who", { hasText: "mio@example.com" }).click();
  const panel = page.getByRole("dialog");
  await panel.getByText("Cloudflare Access has signed you in, and signs you out.").waitFor();
  expect(await panel.getByRole("button", { name: "Sign out", exact: true }).count()).toBe(0);
  await panel.getByRole("button", { name: "Sign out of Access" }).click();
  await page.waitForURL("**/cdn-cgi/access/logout");
});

test("whom Access does not name reads why, and is nobody else", async () => {
  const page = await openPage();
  await page.route("**/api/session", (route) => {
    const detail = "what Cloudflare Access says of you is over, or not valid yet";
    const body = JSON.stringify({ status: 401, code: "invalid_assertion", detail });
    return route.fulfill({ status: 401, contentType: "application/problem+json", body });
  });
  await page.reload();
  await page.getByText("Access did not say who you are").waitFor();
  await page.getByText("is over, or not valid yet").waitFor();
  await page.getByRole("button", { name: "Sign out of Access" }).waitFor();
  expect(await page.locator("#question").count()).toBe(0);
});
