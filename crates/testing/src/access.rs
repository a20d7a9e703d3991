//! Cloudflare Access, as far as tests need it: a team's keys, and what is signed by them.
//!
//! The private key was made for these tests, by `openssl genpkey`, and signs nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use miyabi_core::config::AccessTeam;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use serde_json::{Value, json};

/// Id of the team's key.
pub const KEY_ID: &str = "key-of-november";

/// AUD tag of the application.
pub const AUDIENCE: &str = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

/// Where the team's keys are read.
pub const CERTS: &str = "https://miyabi-test.cloudflareaccess.com/cdn-cgi/access/certs";

const PRIVATE_KEY: &[&str] = &[
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC0ib9boKjuhSOMg6z1h/8T2Zx0",
    "gDU+NvsCc63gTVAJW73eMkGzSchEuOTM7/THnWxncw1MOrxYvZMzr+V/g5VjI/6vhvx6P5ilK1O7",
    "T8u32Sk+ODj+oFuxULku7z1RU9jUdeGnEtCeNRJXh+tpU1SHON2W24Q6ZIyAEyqsznim3ZDXrHjV",
    "tQO0xh8O5xba2hpiZVgEx0tfRUbnxskgHVpMF114hVGhCVezRFDpNSijTKMbFaLyt3lVXjtkBHw1",
    "8g1kAA3SZpch/n3+DudBiKbThgZkTXmGay6SuEEysFznAktec5gys2x5h9qwFTVG2km3W7BAy/MB",
    "VNsYAbz78H6rAgMBAAECggEAEPSa5zUYiIYyh4DaXpjuKOQYIIzl8zjgrCNHIjjAmpBmLZcUuozk",
    "ZSfkPScQGys6wiB5ED6377GmQIV1jVtDTXNU+RE5ZxXP9TszevUMkfCwQeqv16Ih2m5VZgYMATZZ",
    "t+J2VeWbeDBNz7CxOEweNTDvBrsJGR7WXzTtnhsqE6m0+ylETKIr+0R1s2ZGsXKo8rwH4Hrse2Y+",
    "boyJFJlR41ND0ROmtBRVe5yfkNu7OFOgfJBFAw5NJ0Hrkq/uM711OVu4VA+KUowrauxGQXCXjWIg",
    "UAAiq/oQ8iyFGGVunw/m06XO/IZGHmHPl7qCXbQr781t1PAtq1+bQXLycZh0eQKBgQDkYqxz2hU9",
    "TAqTWfNUalig82LYLx1R9UKHLETpnknYI9UUe1ZFDrduWyxwhfP2vDtsdTT1vFa6qdrTtHBdgdMA",
    "xjXF/y8pBmedMnlxUMwqkVWsEOHeUdma4qkbehQ3ElR7x1SY9vHIQFiALQLr9KMuSUJjGFWNKxOx",
    "Kca2GutwhwKBgQDKXgfnH7Tg1+6KAeYSZCNgVk4MBUuaZ3GEGQyugYS2aW1zsKJ6AwiE/ADzqp1R",
    "gqDhdY7B9BEg7dmMrXphA+jF4CxzgYjvVMIYBp2wQ7gTsmBc5jjgnjlHpa7u8pvwZ+TCQgniJYkM",
    "olU+v2A57FVmtomISXHWx0UWwRg3+g/9vQKBgFCH7rFHM/gSSSReMmwQt8HBMJh0PI16wwOw+3e5",
    "Jea989OuDeR55PpX0dq3kSfuhbGfvpXr3FUjsZK27Gw8a++49JsleTapGH4YnzPyvps/9gqfRVXE",
    "XMu9os2ahWhJ4VpoFg99/BGVht9jf8U91RBsKqmQmhIWH3J3/aaW5XAfAoGBAJ9ehiLCmZQo+ba9",
    "4A7Dxghsb3KQCQZESOWbRJ15aqatSIE/rfUgxmjUfXtn9hTnJwPnrNGaAJNKPXXIeQRGK98JuHgO",
    "n2S7/08khrL14dXBOJpwxIJAmSOPm8CaV6xwZXuGvnnWzaOhhDiyRnnXYTpOrukhzgEzVXmiAAy1",
    "ZjqRAoGAFlRQo1Fk2Vui6wudi4CXKOfMYOuYQk8Hfu+yEU1gMAo45wAWuzd1mBTXj6F/AoikLC0Q",
    "vxocEkX9Ovs9bFyPHGxAzJVxIvPPos6LWduQCyLkpUbyP9sAw5HXNid+yCSx7iHYZ8QZ74gq9iAw",
    "nptIMuLfIabVp8+R0aUwbVwAadM=",
];

/// Returns the settings of the team.
pub fn team() -> AccessTeam {
    let issuer = "https://miyabi-test.cloudflareaccess.com".to_owned();
    AccessTeam { api_base: issuer.clone(), issuer, audience: AUDIENCE.to_owned() }
}

fn pair() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(&STANDARD.decode(PRIVATE_KEY.concat()).unwrap()).unwrap()
}

/// Returns the set of the team's keys, as Access serves it.
pub fn certs() -> Value {
    let key = RsaPublicKeyComponents::<Vec<u8>>::from(pair().public());
    let [modulus, exponent] = [key.n, key.e].map(|number| URL_SAFE_NO_PAD.encode(number));
    json!({
        "keys": [
            { "kid": "another", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "alg": "ES256" },
            { "kid": KEY_ID, "kty": "RSA", "alg": "RS256", "use": "sig", "e": exponent, "n": modulus },
        ],
        "public_cert": { "kid": KEY_ID, "cert": "" },
    })
}

/// Returns the parts of a token that are signed.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    [part(header), part(claims)].join(".")
}

/// Returns a token with this signature.
pub fn with_signature(signed: &str, signature: &[u8]) -> String {
    [signed, &URL_SAFE_NO_PAD.encode(signature)].join(".")
}

/// Returns a token that the team has signed.
pub fn signed(header: &Value, claims: &Value) -> String {
    let text = unsigned(header, claims);
    let pair = pair();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    with_signature(&text, &signature)
}

/// Returns the header that Access writes.
pub fn header() -> Value {
    json!({ "alg": "RS256", "kid": KEY_ID, "typ": "JWT" })
}

/// Returns what Access says of somebody at a time.
pub fn claims(subject: &str, email: &str, now_s: u64) -> Value {
    json!({
        "aud": [AUDIENCE], "email": email, "sub": subject, "type": "app", "country": "JP",
        "iss": team().issuer, "iat": now_s, "nbf": now_s, "exp": now_s + 86_400,
        "identity_nonce": "6ei69kawdKzMIAPF",
    })
}

/// Returns what Access sends along with a request of somebody.
pub fn assertion(subject: &str, email: &str, now_s: u64) -> String {
    signed(&header(), &claims(subject, email, now_s))
}
