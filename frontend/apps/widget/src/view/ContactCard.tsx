// The form that appears when the assistant asks how to reach the visitor.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { errorWord } from "../words";
import { useScene } from "./context";
import { Icon } from "./icons";

/** Seven digits at least, after the separators that people write; the server decides what it really is. */
export function looksLikePhone(text: string): boolean {
  const plain = text.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).replace(/[\s()\-.（）－]/g, "");
  return /^\+?\d{7,15}$/.test(plain);
}

export function ContactCard(): JSX.Element | null {
  const { client, state, words } = useScene();
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [agreed, setAgreed] = useState(false);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [later, setLater] = useState(false);
  if (state.contactKnown) {
    return (
      <p class="card done" role="status">
        <Icon name="check" size={16} />
        {words.contactDone}
      </p>
    );
  }
  if (later) return null;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wrong: Record<string, string> = {};
    if (!name.trim()) wrong["name"] = words.nameNeeded;
    if (!looksLikePhone(phone)) wrong["phone"] = words.phoneWrong;
    if (!agreed) wrong["consent"] = words.consentNeeded;
    setErrors(wrong);
    if (Object.keys(wrong).length) return;
    setBusy(true);
    const refused = await client.leaveContact({ name: name.trim(), phone: phone.trim(), consent: words.consent });
    setBusy(false);
    setErrors({
      ...(refused["name"] ? { name: words.nameNeeded } : {}),
      ...(refused["phone"] ? { phone: words.phoneWrong } : {}),
      ...(refused["form"] ? { form: errorWord(words, refused["form"], client.config.max_file_bytes) } : {}),
    });
  };
  return (
    <form class="card" noValidate onSubmit={(event) => void submit(event)} aria-label={words.contactTitle}>
      <p class="card-title">{words.contactTitle}</p>
      <Field id="gx-name" label={words.contactName} error={errors["name"]} value={name} onValue={setName} complete="name" />
      <Field id="gx-phone" label={words.contactPhone} error={errors["phone"]} value={phone} onValue={setPhone} complete="tel" kind="tel" />
      <label class="consent">
        <input type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} aria-describedby="gx-consent-error" />
        <span>{words.consent}</span>
      </label>
      <p class="error" id="gx-consent-error" role="alert">
        {errors["consent"] || errors["form"] || ""}
      </p>
      <div class="card-actions">
        <button type="submit" class="primary" disabled={busy}>
          {words.contactSubmit}
        </button>
        <button type="button" class="link" onClick={() => setLater(true)}>
          {words.contactLater}
        </button>
      </div>
    </form>
  );
}

interface FieldProps {
  id: string;
  label: string;
  error: string | undefined;
  value: string;
  onValue: (value: string) => void;
  complete: string;
  kind?: "text" | "tel";
}

function Field(props: FieldProps): JSX.Element {
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <input
        id={props.id}
        type={props.kind ?? "text"}
        autoComplete={props.complete}
        maxLength={60}
        value={props.value}
        onInput={(event) => props.onValue(event.currentTarget.value)}
        aria-invalid={props.error ? "true" : "false"}
        aria-describedby={`${props.id}-error`}
      />
      <p class="error" id={`${props.id}-error`} role="alert">
        {props.error || ""}
      </p>
    </div>
  );
}
